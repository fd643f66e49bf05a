"""Every error tells a person what is wrong and what to do next."""

import ast
import re
from collections import defaultdict

import pytest

from tests.tidy.tree import Tree, demand, planted, python

ROOT_CLASS = "ShopwrightError"
FACT = re.compile(r"\{(\w+)\}")

Classes = dict[str, list[tuple[str, ast.ClassDef]]]  # (file, class) by name: both daemons may have a StorageFailed


def errors(tree: Tree) -> Classes:
    """Return our error classes by name, the root left out."""
    classes: Classes = defaultdict(list)
    for path, module in python(tree):
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef):
                classes[node.name].append((str(path), node))
    ours = {ROOT_CLASS}
    while more := {name for name, found in classes.items() if any(_bases(node) & ours for _, node in found)} - ours:
        ours |= more
    return {name: classes[name] for name in sorted(ours - {ROOT_CLASS})}


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def silent_errors(tree: Tree) -> list[str]:
    """Return errors without a message or a next step of their own, and next steps that name facts: only the message
    has them filled in.
    """
    found = []
    for name, classes in errors(tree).items():
        for path, node in classes:
            hint = _hint(node)
            if not ast.get_docstring(node):
                found.append(f"{path}: {name} has no docstring, which is its message")
            if not hint:
                found.append(f"{path}: {name} has no hint of its own")
            elif FACT.search(hint):
                found.append(f"{path}: {name}'s hint names facts, which nobody fills in")
    return found


def _hint(node: ast.ClassDef) -> str:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "hint":
            if isinstance(statement.value, ast.JoinedStr):  # computed once, from constants
                return "".join(str(part.value) for part in statement.value.values if isinstance(part, ast.Constant))
            return str(ast.literal_eval(statement.value))
    return ""


def missing_facts(tree: Tree) -> list[str]:
    """Return places that make an error without a fact that its message names."""
    classes = errors(tree)
    found = []
    for path, module in python(tree):
        for node in ast.walk(module):
            made = node.exc if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) else node
            name = made.id if isinstance(made, ast.Name) and made is not node else _called(node)
            if name not in classes:
                continue
            given = {keyword.arg for keyword in node.keywords} if isinstance(node, ast.Call) else set()
            lacking = min((_named(node, classes) - given for _, node in classes[name]), key=len)
            if lacking and None not in given:  # None: `**facts`
                found.append(f"{path}:{node.lineno} {name} lacks {', '.join(sorted(lacking))}")
    return found


def _called(node: ast.AST) -> str | None:
    return ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else None


def _named(node: ast.ClassDef, classes: Classes) -> set[str]:
    """Return the facts that a class's message names."""
    return set(FACT.findall((ast.get_docstring(node) or " ").splitlines()[0]))


def test_every_error_has_a_message_and_a_next_step() -> None:
    demand(silent_errors)


def test_every_error_is_made_with_the_facts_that_its_message_names() -> None:
    demand(missing_facts)


TREE = """
    class ShopwrightError(Exception):
        '''Something went wrong.'''

    class Conflict(ShopwrightError):
        '''This cannot be done.'''

        hint = "Decide again."
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("class Taken(Conflict):\n    hint = 'Take another.'", "has no docstring"),
        ("class Taken(Conflict):\n    '''It is taken.'''", "has no hint"),
        ("class Taken(errors.Conflict):\n    '''It is taken.'''\n    hint = ''", "has no hint"),
        ("class Taken(Conflict):\n    '''It is taken.'''\n    hint = 'Take {other}.'", "names facts"),
    ],
)
def test_an_error_that_leaves_people_alone_is_found(text: str, problem: str) -> None:
    (found,) = silent_errors(planted({"shared/errors.py": TREE, "edge/orders/models.py": text}))

    assert problem in found


TAKEN = "class Taken(Conflict):\n    '''{name} is taken.'''\n    hint = 'Take another.'"


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        ("def f(): raise Taken", 1),
        ("def f(): raise Taken()", 1),
        ("def f(): return models.Taken(code=1)", 1),
        ("def f(): raise Taken(name=1) from None", 0),
        ("def f(facts): raise Taken(**facts)", 0),
        ("def f(): raise Conflict", 0),
    ],
)
def test_a_message_with_a_gap_is_found(line: str, problems: int) -> None:
    files = {"shared/errors.py": TREE, "edge/orders/models.py": TAKEN, "edge/orders/service.py": line}

    assert len(missing_facts(planted(files))) == problems
