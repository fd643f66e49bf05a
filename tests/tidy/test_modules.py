"""A module's name says what is in it, and importing it only defines things."""

import ast
from collections.abc import Iterator

import pytest

from tests.tidy.tree import Tree, demand, planted, python, source

SAYING_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
DOING = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Delete, ast.Assert)
BRANCHING = (ast.If, ast.Try)


def empty_names(tree: Tree) -> list[str]:
    """Return modules and folders whose name could stand on anything."""
    return [
        f"{path} says nothing"
        for path, _ in source(tree, ".py", ".ts", ".tsx", tests=True)
        if SAYING_NOTHING.intersection([*path.parent.parts, path.stem])
    ]


def side_effects(tree: Tree) -> list[str]:
    """Return what happens when a module is imported, besides definitions. Constants may be computed.

    Migrations are not imported: Alembic runs them, and they are outside of this rule.
    """
    return [
        f"{path}:{line} does something on import"
        for path, module in python(tree, tests=True)
        if "migrations" not in path.parts
        for line in _done(module.body)
    ]


def _done(body: list[ast.stmt]) -> Iterator[int]:
    for statement in body:
        if isinstance(statement, DOING) or (isinstance(statement, ast.Expr) and _is_call(statement.value)):
            yield statement.lineno
        elif isinstance(statement, ast.ClassDef):
            yield from _done(statement.body)
        elif isinstance(statement, BRANCHING) and "__name__ ==" not in ast.unparse(statement).splitlines()[0]:
            handlers = [line for handler in getattr(statement, "handlers", []) for line in handler.body]
            yield from _done([*statement.body, *handlers, *statement.orelse, *getattr(statement, "finalbody", [])])


def _is_call(value: ast.expr) -> bool:
    return isinstance(value, ast.Call | ast.Await)


def test_every_module_has_a_name_that_says_something() -> None:
    demand(empty_names)


def test_importing_only_defines() -> None:
    demand(side_effects)


@pytest.mark.parametrize("path", ["edge/utils.py", "shared/common/money.py", "edge/screens/src/helpers.ts"])
def test_a_name_that_says_nothing_is_found(path: str) -> None:
    assert len(empty_names(planted({path: ""}))) == 1


@pytest.mark.parametrize("path", ["edge/baskets.py", "shared/screens/src/base.css"])
def test_a_name_that_says_something_is_free(path: str) -> None:
    assert empty_names(planted({path: ""})) == []


@pytest.mark.parametrize(
    "text",
    [
        "configure()",
        "import logging\nlogging.basicConfig()",
        "for name in NAMES:\n    register(name)",
        "with open('x') as file:\n    TEXT = file.read()",
        "try:\n    import fast\nexcept ImportError:\n    install()",
        "if DEBUG:\n    run()",
        "class A:\n    register()",
    ],
)
def test_a_side_effect_is_found(text: str) -> None:
    assert len(side_effects(planted({"edge/shop.py": text}))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("edge/shop.py", '"""Text."""\nlog = get_logger()\n\n@routes.get("/")\nasync def f(): run()'),
        ("edge/__main__.py", 'if __name__ == "__main__":\n    main()'),
        ("cloud/migrations/env.py", "context.run_migrations()"),
    ],
)
def test_a_definition_is_free(path: str, text: str) -> None:
    assert side_effects(planted({path: text})) == []
