"""What differs between retailers is a field of `Retailer`, so no code asks which one it serves."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.tidy.tree import Tree, demand, planted, python, source

FOLDER = PurePosixPath("shared/retailers")
DEMO = PurePosixPath("edge/demo")  # its files are the data of one made-up shop, which has to be of some retailer
ASKING = re.compile(r"(\w+\.)*retailer(_id)?(\.id)?")


def violations(tree: Tree) -> list[str]:
    """Return places that name a retailer or compare one. A retailer that only has an id has no ways of its own: its id
    is the word for "none" (`plain`), which models may start from, but nobody may compare.
    """
    ids = _ids(tree)
    found = []
    for path, module in python(tree):
        named = [] if path.parent == FOLDER or DEMO in path.parents else list(_named(module, ids))
        found += [f"{path}:{line} {problem}" for line, problem in [*named, *_compared(module)]]
    for path, text in source(tree, ".ts", ".tsx"):
        found += [f"{path} names the retailer {name}" for name in sorted(ids) if re.search(f"[\"'`]{name}[\"'`]", text)]
    return found


def _ids(tree: Tree) -> set[str]:
    """Return the ids of retailers that have ways of their own."""
    return {
        argument.value.value
        for path, module in python(tree)
        if path.parent == FOLDER
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Retailer" and len(call.keywords) > 1
        for argument in call.keywords
        if argument.arg == "id" and isinstance(argument.value, ast.Constant) and isinstance(argument.value.value, str)
    }


def _named(module: ast.Module, ids: set[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and node.value in ids:
            yield node.lineno, f"names the retailer {node.value}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            whole = {alias.name for alias in node.names} | set((getattr(node, "module", None) or "").split("."))
            if whole & ids:
                yield node.lineno, "imports one retailer"


def _compared(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        subjects = [node.subject] if isinstance(node, ast.Match) else []
        if any(ASKING.fullmatch(ast.unparse(side)) for side in [*sides, *subjects]):
            yield node.lineno, "asks which retailer it is"


def test_no_code_knows_a_retailer() -> None:
    demand(violations)


KNOWN = {
    "shared/retailers/book_shop.py": "RETAILER = Retailer(id='book_shop', receipt_footer=('Read on',))",
    "shared/retailers/plain.py": "RETAILER = Retailer(id='plain')",
}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("edge/shop.py", "FOOTERS = {'book_shop': 'Read on'}"),
        ("edge/shop.py", "def f(store): return store.retailer == 'plain'"),
        ("edge/shop.py", "def f(retailer_id): return retailer_id in WITH_BAGS"),
        ("edge/shop.py", "def f(x):\n    match x.retailer.id:\n        case _: pass"),
        ("shared/barcodes.py", "from shared.retailers import book_shop"),
        ("shared/barcodes.py", "from shared.retailers.book_shop import RETAILER"),
        ("edge/demo/installer.py", "def f(retailer): return retailer != 'plain'"),
        ("edge/screens/src/app.tsx", "export const name = 'book_shop';"),
    ],
)
def test_code_that_knows_a_retailer_is_found(path: str, line: str) -> None:
    assert len(violations(planted({**KNOWN, path: line}))) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("edge/demo/installer.py", "STORE = {'retailer': 'book_shop'}"),
        ("shared/model/store.py", "class Store:\n    retailer: str = 'plain'"),
        ("edge/shop.py", "def f(store): return retailer(store.retailer).receipt_footer"),
    ],
)
def test_data_may_name_a_retailer(path: str, line: str) -> None:
    assert violations(planted({**KNOWN, path: line})) == []
