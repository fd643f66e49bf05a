"""What a module imports, and when; and what the names in it stand for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from tests.tidy.tree import Tree, module_name, python

When = Literal["on import", "in a function", "for types"]


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `from shared import money` is module "shared", name "money"."""

    module: str
    name: str | None
    line: int
    when: When

    def target(self, known: set[str]) -> str:
        """Return the module that is really meant, among those that are known."""
        whole = f"{self.module}.{self.name}"
        return whole if whole in known else self.module


def imports(path: PurePosixPath, module: ast.Module) -> list[Import]:
    """Return every import of a module, wherever it stands."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package.pop()
    return list(_within(module, package, "on import"))


def _within(node: ast.AST, package: list[str], when: When) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, None, child.lineno, when) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            above = package[: len(package) - child.level + 1] if child.level else []
            origin = ".".join([*above, *([child.module] if child.module else [])])
            yield from (Import(origin, alias.name, child.lineno, when) for alias in child.names)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _within(child, package, "in a function" if when == "on import" else when)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _within(ast.Module(child.body, []), package, "for types")
            yield from _within(ast.Module(child.orelse, []), package, when)
        else:
            yield from _within(child, package, when)


def all_imports(tree: Tree) -> Iterator[tuple[PurePosixPath, Import]]:
    """Yield (file, import) for all of our modules."""
    return ((path, found) for path, module in python(tree) for found in imports(path, module))


def uses(path: PurePosixPath, module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield (full name, line) of each use of something imported: `now` of `from datetime import datetime as d; d.now`
    is "datetime.datetime.now". An annotation uses nothing: it only says what something is.
    """
    origins = {}
    for found in imports(path, module):
        if found.name is None:
            origins[found.module.partition(".")[0]] = found.module.partition(".")[0]
        else:
            origins[found.name] = f"{found.module}.{found.name}"
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if alias.asname:
                    whole = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
                    origins[alias.asname] = whole
    return _used(module, origins)


def _used(node: ast.AST, origins: dict[str, str]) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Name | ast.Attribute):
        name = ast.unparse(node)
        first, _, rest = name.partition(".")
        if first in origins:
            yield f"{origins[first]}.{rest}".rstrip("."), node.lineno
            return
    for field, value in ast.iter_fields(node):
        if field not in {"annotation", "returns"}:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _used(child, origins)
