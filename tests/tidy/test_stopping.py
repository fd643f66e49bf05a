"""A daemon that is told to stop always stops."""

from tests.tidy.imports import uses
from tests.tidy.tree import Tree, demand, planted, python


def swallows(tree: Tree) -> list[str]:
    """Return uses of `asyncio.wait_for`, which may swallow a cancellation before Python 3.12."""
    return [
        f"{path}:{line} waits by asyncio.wait_for instead of asyncio.timeout"
        for path, module in python(tree)
        for name, line in uses(path, module)
        if name == "asyncio.wait_for"
    ]


def test_no_wait_can_swallow_a_cancellation() -> None:
    demand(swallows)


def test_a_wait_that_can_is_found() -> None:
    tree = planted({"edge/push.py": "import asyncio\nasync def f(event): await asyncio.wait_for(event.wait(), 1)"})

    assert swallows(tree) == ["edge/push.py:2 waits by asyncio.wait_for instead of asyncio.timeout"]
