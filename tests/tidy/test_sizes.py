"""A function fits on a screen, a file in one sitting."""

import ast
from collections.abc import Callable
from statistics import median

import pytest

from tests.tidy.tree import Tree, demand, planted, python, source

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
MEDIAN_LINES_MAX = 90


def long_files(tree: Tree) -> list[str]:
    return [
        f"{path} has {lines} lines"
        for path, text in source(tree, ".py", ".ts", ".tsx", tests=True)
        if (lines := len(text.splitlines())) > FILE_LINES_MAX
    ]


def long_functions(tree: Tree) -> list[str]:
    return [
        f"{path}:{node.lineno} {node.name} has {lines} lines"
        for path, module in python(tree, tests=True)
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def long_by_habit(tree: Tree) -> list[str]:
    """Return the median of our files in a sentence when it is too long. An empty `__init__.py` is no file to read."""
    sizes = [len(text.splitlines()) for _, text in source(tree, ".py") if text.strip()]
    middle = median(sizes or [0])
    return [f"half of our Python files have {middle} lines or more"] if middle >= MEDIAN_LINES_MAX else []


@pytest.mark.parametrize("rule", [long_files, long_functions, long_by_habit])
def test_everything_is_short(rule: Callable[[Tree], list[str]]) -> None:
    demand(rule)


@pytest.mark.parametrize("path", ["edge/shop.py", "tests/edge/test_shop.py", "edge/screens/src/app.tsx"])
@pytest.mark.parametrize(("lines", "problems"), [(FILE_LINES_MAX, 0), (FILE_LINES_MAX + 1, 1)])
def test_a_long_file_is_found(path: str, lines: int, problems: int) -> None:
    assert len(long_files(planted({path: "# one\n" * lines}))) == problems


@pytest.mark.parametrize(("lines", "problems"), [(FUNCTION_LINES_MAX, 0), (FUNCTION_LINES_MAX + 1, 1)])
def test_a_long_function_is_found(lines: int, problems: int) -> None:
    text = "class A:\n    async def f(self):\n" + "        pass\n" * (lines - 1)

    assert len(long_functions(planted({"edge/shop.py": text}))) == problems


@pytest.mark.parametrize(("lines", "problems"), [(MEDIAN_LINES_MAX - 1, 0), (MEDIAN_LINES_MAX, 1)])
def test_a_habit_of_long_files_is_found(lines: int, problems: int) -> None:
    sizes = {"edge/__init__.py": 0, "edge/a.py": 1, "edge/b.py": lines, "edge/c.py": 300}

    assert len(long_by_habit(planted({path: "# one\n" * size for path, size in sizes.items()}))) == problems
