"""The repository as texts by path, so that one rule can be asked of the real tree and of a planted one."""

import ast
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from textwrap import dedent

Tree = Mapping[PurePosixPath, str]

ROOT = Path(__file__).resolve().parents[2]
OURS = ("shared", "devices", "edge", "cloud")
MADE = {
    ".git",
    ".venv",
    ".setup",
    "node_modules",
    "dist",
    "build",
    "__pycache__",
    ".hypothesis",
}  # where there is no git to ask


@cache
def real() -> Tree:
    """Return every text file that is, or is about to be, in the repository."""
    return {path: text for path in _paths() if (text := _text(ROOT / path)) is not None}


def demand(rule: Callable[[Tree], list[str]]) -> None:
    """Ask the real tree for what breaks a rule, and name all of it."""
    found = rule(real())
    assert not found, "\n".join(["", *found])


def planted(files: Mapping[str, str]) -> Tree:
    """Return a small tree; texts may be indented as the test around them is."""
    return {PurePosixPath(path): dedent(text) for path, text in files.items()}


def _paths() -> Iterator[PurePosixPath]:
    return listed() if (ROOT / ".git").exists() else walked()


def listed() -> Iterator[PurePosixPath]:
    """Ask git."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return (PurePosixPath(name) for name in sorted(names.split("\0")) if name)


def walked() -> Iterator[PurePosixPath]:
    """Look for ourselves, as in an unpacked archive."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(set(folders) - MADE)
        for name in sorted(files):
            yield PurePosixPath(Path(folder, name).relative_to(ROOT).as_posix())


def _text(path: Path) -> str | None:
    if not path.is_file():
        return None  # removed, but not yet from the index
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def source(tree: Tree, *suffixes: str, tests: bool = False) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield what we wrote ourselves in files with these suffixes."""
    homes = (*OURS, "tests") if tests else OURS
    return ((path, text) for path, text in tree.items() if path.parts[0] in homes and path.suffix in suffixes)


def python(tree: Tree, *, tests: bool = False) -> Iterator[tuple[PurePosixPath, ast.Module]]:
    """Yield our Python modules as syntax trees."""
    return ((path, _parsed(text)) for path, text in source(tree, ".py", tests=tests))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def module_name(path: PurePosixPath) -> str:
    """Return what a file is called when it is imported."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
