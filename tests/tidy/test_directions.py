"""Imports point towards shared, and never round in a circle."""

import networkx as nx
import pytest

from tests.tidy.imports import all_imports
from tests.tidy.tree import OURS, Tree, demand, module_name, planted, python

MAY_IMPORT = {"shared": set(), "devices": {"shared"}, "edge": {"shared", "devices"}, "cloud": {"shared"}}


def wrong_directions(tree: Tree) -> list[str]:
    """Return imports that reach across the layout. One that only a type checker follows reaches nothing."""
    return [
        f"{path}:{found.line} imports {found.module}"
        for path, found in all_imports(tree)
        if found.when != "for types"
        and (target := found.module.partition(".")[0]) in {*OURS, "tests"}
        and target not in MAY_IMPORT[path.parts[0]] | {path.parts[0]}
    ]


def cycles(tree: Tree) -> list[str]:
    """Return groups of modules that need each other while they are imported."""
    known = {module_name(path) for path, _ in python(tree)}
    graph = nx.DiGraph()
    for path, found in all_imports(tree):
        if found.when == "on import" and (target := found.target(known)) in known:
            graph.add_edge(module_name(path), target)
    loops = [component for component in nx.strongly_connected_components(graph) if len(component) > 1]
    return sorted(
        " <-> ".join(sorted(loop)) for loop in [*loops, *([vertex] for vertex in nx.nodes_with_selfloops(graph))]
    )


def test_imports_point_towards_shared() -> None:
    demand(wrong_directions)


def test_no_modules_import_each_other() -> None:
    demand(cycles)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("shared/money.py", "import edge.app"),
        ("shared/money.py", "from devices import drivers"),
        ("devices/drivers.py", "from edge.shop import Shop"),
        ("edge/shop.py", "import cloud.database as database"),
        ("cloud/app.py", "from devices.errors import DeviceError"),
        ("cloud/app.py", "from edge import journal"),
        ("edge/demo/run.py", "from tests import builders"),
        ("shared/api/live.py", "from ...edge import app"),
        ("shared/money.py", "def late():\n    from edge import app"),
        ("shared/money.py", "class Late:\n    async def late(self):\n        import cloud"),
    ],
)
def test_an_import_across_the_layout_is_found(path: str, line: str) -> None:
    assert len(wrong_directions(planted({path: line}))) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("edge/shop.py", "from devices.errors import DeviceError"),
        ("cloud/app.py", "from shared import ids\nimport aiohttp"),
        ("shared/api/live.py", "from .. import money"),
        ("shared/money.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from edge import app"),
        ("shared/money.py", "import edges"),
    ],
)
def test_an_import_along_the_layout_is_free(path: str, line: str) -> None:
    assert wrong_directions(planted({path: line})) == []


@pytest.mark.parametrize(
    "files",
    [
        {"edge/a.py": "from edge.b import x", "edge/b.py": "import edge.a"},
        {"edge/a.py": "from edge import b", "edge/b.py": "from edge import c", "edge/c.py": "from edge import a"},
        {"edge/x/__init__.py": "from edge.x.y import z", "edge/x/y.py": "from edge.x import z"},
        {"edge/a.py": "if True:\n    import edge.a"},
    ],
)
def test_a_circle_is_found(files: dict[str, str]) -> None:
    assert len(cycles(planted(files))) == 1


@pytest.mark.parametrize("late", ["def f():\n    import edge.a", "if TYPE_CHECKING:\n    import edge.a"])
def test_what_is_imported_later_closes_no_circle(late: str) -> None:
    assert cycles(planted({"edge/a.py": "import edge.b", "edge/b.py": late})) == []
