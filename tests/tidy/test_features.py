"""A feature is read from its doors down to its nouns, and knows only the features above it."""

import ast
from pathlib import PurePosixPath

import pytest

from tests.tidy.imports import Import, all_imports
from tests.tidy.tree import Tree, demand, module_name, planted, python

# What each file of a feature may not import of its own feature. A gateway's clients know nouns only; a worker is a door
# that nobody knocks at. A file with a name of its own (`rows.py`) may use all but the doors.
ABOVE = {
    "models": {"storage", "gateway", "service", "worker", "api"},
    "gateway": {"storage", "service", "worker", "api"},
    "storage": {"gateway", "service", "worker", "api"},
    "service": {"gateway", "worker", "api"},
    "worker": {"api"},
}
PRIVATE = {"storage", "api", "worker", "gateway"}  # to other features
OWN = {"storage", "api"}  # to the modules around the features; they may implement a gateway
DAEMONS = ("edge", "cloud")


def violations(tree: Tree) -> list[str]:
    """Return what breaks the order of features and of the files in them. `app.py` puts all together and may use all."""
    listed = {home: _listed(tree, home) for home in DAEMONS}
    folders = _folders(tree)
    found = [f"{home}.{name} is not in FEATURES" for home, name in sorted(folders) if name not in listed[home]]
    known = {module_name(path) for path, _ in python(tree)}
    for path, imported in all_imports(tree):
        if path.parts[0] not in DAEMONS or path.parts[1:] == ("app.py",) or imported.when == "for types":
            continue
        problem = _problem(path, imported, known, folders, listed)
        if problem:
            found.append(f"{path}:{imported.line} {problem}")
    return found


def _listed(tree: Tree, home: str) -> list[str]:
    for path, module in python(tree):
        if path.parts == (home, "app.py"):
            for statement in module.body:
                if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "FEATURES":
                    assert isinstance(statement.value, ast.Tuple)
                    return [ast.unparse(name) for name in statement.value.elts]
    return []


def _folders(tree: Tree) -> set[tuple[str, str]]:
    return {
        (path.parts[0], path.parts[1])
        for path, _ in python(tree)
        if len(path.parts) == 3 and path.parts[0] in DAEMONS and path.name in {"service.py", "api.py"}
    }


def _problem(
    path: PurePosixPath,
    imported: Import,
    known: set[str],
    folders: set[tuple[str, str]],
    listed: dict[str, list[str]],
) -> str | None:
    home, here = path.parts[0], path.parts[1]
    target = imported.target(known).split(".")
    if target[0] != home or len(target) < 2 or (home, target[1]) not in folders:
        return None
    there, file = target[1], target[2] if len(target) > 2 else "__init__"
    if (home, here) not in folders:
        return f"uses {there}'s {file}" if file in OWN else None
    if here == there:
        above = ABOVE.get(path.stem, set() if path.stem == "api" else {"api"})
        return f"uses {file}, which stands above it" if file in above else None
    if file in PRIVATE:
        return f"uses {there}'s {file}"
    order = listed[home]
    if there in order and here in order and order.index(there) > order.index(here):
        return f"uses {there}, which stands below {here} in FEATURES"
    return None


def test_features_know_only_what_is_above_them() -> None:
    demand(violations)


APP = {"edge/app.py": "FEATURES = (catalogue, orders)", "edge/catalogue/service.py": "", "edge/orders/api.py": ""}
MORE = {"edge/catalogue/storage.py": "", "edge/orders/storage.py": "", "edge/orders/gateway.py": ""}


@pytest.mark.parametrize(
    ("path", "line", "problem"),
    [
        ("edge/orders/models.py", "from edge.orders import storage", "stands above it"),
        ("edge/orders/storage.py", "from edge.orders.service import pay", "stands above it"),
        ("edge/orders/service.py", "from edge.orders.api import routes", "stands above it"),
        ("edge/orders/service.py", "from edge.orders import gateway", "stands above it"),
        ("edge/orders/gateway.py", "from edge.orders import storage", "stands above it"),
        ("edge/orders/worker.py", "from edge.orders.api import routes", "stands above it"),
        ("edge/orders/rows.py", "from edge.orders.api import routes", "stands above it"),
        ("edge/orders/service.py", "def late():\n    from edge.orders import api", "stands above it"),
        ("edge/orders/service.py", "from edge.catalogue import storage", "uses catalogue's storage"),
        ("edge/orders/api.py", "import edge.catalogue.api", "uses catalogue's api"),
        ("edge/catalogue/service.py", "from edge.orders import service", "stands below catalogue"),
        ("edge/catalogue/models.py", "from edge.orders.models import Order", "stands below catalogue"),
        ("edge/sync/push.py", "from edge.orders import storage", "uses orders's storage"),
        ("edge/stock/api.py", "", "edge.stock is not in FEATURES"),
    ],
)
def test_an_import_that_points_up_or_sideways_is_found(path: str, line: str, problem: str) -> None:
    (found,) = violations(planted({**APP, **MORE, path: line}))

    assert problem in found


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("edge/orders/api.py", "from edge.orders import gateway, service, storage"),
        ("edge/orders/service.py", "from edge.catalogue import service\nfrom edge.catalogue.models import Product"),
        ("edge/orders/service.py", "from edge.database import Transaction"),
        ("edge/sync/push.py", "from edge.orders import gateway\nfrom edge.catalogue.service import Catalogue"),
        ("edge/app.py", "from edge.orders import storage\nFEATURES = (catalogue, orders)"),
    ],
)
def test_an_import_that_points_down_is_free(path: str, line: str) -> None:
    assert violations(planted({**APP, **MORE, path: line})) == []
