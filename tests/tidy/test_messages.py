"""The message catalogue says the same in every language, and all that the screens say is in it."""

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.tidy.test_errors import errors
from tests.tidy.tree import Tree, demand, planted, source

FOLDER = PurePosixPath("shared/messages")
FIRST = "en"
LANGUAGES = (FIRST, "el", "he")
FACT = re.compile(r"\{(\w+)\}")
SAID = re.compile(r"\b(?:t|textIn|say|words|messages\.text)\(([^()]*)")  # the arguments up to the next bracket
COUNTED = re.compile(r"\bcounted\(\s*\"([^\"]+)\"")
BUILT = re.compile(r"[`\"']((?:[a-z_]+\.)+)[$]?\{")  # `device.${kind}`
PROBLEM = re.compile(r"\b(?:new Problem\(|return problem\([\w.]+, )\"([a-z-]+)\"")  # one that is no class of ours
QUOTED = re.compile(r"[\"'`]([a-z_]+(?:\.[a-z0-9_-]+)+)[\"'`]")


def _catalogue(tree: Tree, language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads(tree[FOLDER / f"{language}.json"])
    return texts


def differences(tree: Tree) -> list[str]:
    """Return keys that a language lacks or has alone, and texts that name other facts than the first language's."""
    first = _catalogue(tree, FIRST)
    found = []
    for language in LANGUAGES[1:]:
        texts = _catalogue(tree, language)
        found += [f"{language}: {key} is not in both" for key in sorted(texts.keys() ^ first.keys())]
        found += [
            f"{language}: {key} names {', '.join(sorted(facts)) or 'no facts'}"
            for key in sorted(texts.keys() & first.keys())
            if (facts := set(FACT.findall(texts[key]))) != set(FACT.findall(first[key]))
        ]
    return found


def unknown_keys(tree: Tree) -> list[str]:
    """Return keys that code says and the catalogue does not know."""
    known = _catalogue(tree, FIRST).keys()
    return [f"{path} says {key}" for path, key in _said(tree) if key not in known]


def _said(tree: Tree) -> Iterator[tuple[PurePosixPath, str]]:
    for path, text in source(tree, ".ts", ".tsx", ".py"):
        for arguments in SAID.findall(text):
            yield from ((path, key) for key in QUOTED.findall(arguments))
        for stem in COUNTED.findall(text):
            yield from ((path, f"{stem}.{form}") for form in ("one", "other"))


def unsaid_keys(tree: Tree) -> list[str]:
    """Return texts that no code says: neither whole, nor by a name that is put together, nor for an error of ours."""
    code = [text for _, text in source(tree, ".ts", ".tsx", ".py")]
    said = {key for text in code for key in QUOTED.findall(text)} | {key for _, key in _said(tree)}
    stems = tuple({stem for text in code for stem in BUILT.findall(text)} - {"error."})
    codes = {_code(name) for name in errors(tree)}
    codes |= {literal for text in code for literal in PROBLEM.findall(text)}
    for_errors = {f"error.{code}.{part}" for code in codes for part in ("title", "hint")}
    return [
        f"nobody says {key}"
        for key in _catalogue(tree, FIRST)
        if key not in said | for_errors and not key.startswith(stems or ("?",))
    ]


# Of head office: told to the operator, to a box or whoever installs it, or in the reason of an entry that is set aside.
ON_NO_SCREEN = {
    "OperatorOnly", "UnknownTenant", "UnknownCode", "CodeExpired", "CodeUsed", "NodeRetired", "StoreForgotten",
    "ForeignOrder", "OrderKnown", "ReceiptNumberTaken", "ClosingKnown",
}  # fmt: skip


def untranslated(tree: Tree) -> list[str]:
    """Return errors of features that a screen could only show as the daemon wrote them."""
    known = _catalogue(tree, FIRST).keys()
    return [
        f"{path}: {name} is not in the message catalogue"
        for name, classes in errors(tree).items()
        for path, _ in classes
        if PurePosixPath(path).match("*/*/models.py") and path.startswith(("edge/", "cloud/"))
        if name not in ON_NO_SCREEN and f"error.{_code(name)}.title" not in known
    ]


def _code(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def test_every_error_that_people_may_see_is_translated() -> None:
    demand(untranslated)


@pytest.mark.parametrize(("texts", "problems"), [({}, 1), ({"error.gone-fishing.title": "Away"}, 0)])
def test_an_error_without_a_translation_is_found(texts: dict[str, str], problems: int) -> None:
    told = {"shared/messages/en.json": json.dumps({**texts, "error.conflict.title": "No"})}
    for path in ("edge/baskets/models.py", "cloud/orders/models.py"):
        tree = planted({path: "class Conflict(ShopwrightError): ...\nclass GoneFishing(Conflict): ...", **told})

        assert len(untranslated(tree)) == problems


def test_every_language_says_the_same() -> None:
    demand(differences)


def test_every_text_that_is_said_exists() -> None:
    demand(unknown_keys)


def test_every_text_that_exists_is_said() -> None:
    demand(unsaid_keys)


def speaking(en: dict[str, str], code: str = "", **others: dict[str, str]) -> Tree:
    texts = {"en": en, "el": others.get("el", en), "he": others.get("he", en)}
    files = {f"shared/messages/{language}.json": json.dumps(text) for language, text in texts.items()}
    return planted({**files, "edge/screens/src/app.tsx": code})


@pytest.mark.parametrize(
    "greek",
    [{}, {"kiosk.pay": "{amount}", "kiosk.more": ""}, {"kiosk.pay": "Πληρωμή"}, {"kiosk.pay": "{amount} {count}"}],
)
def test_a_language_that_says_something_else_is_found(greek: dict[str, str]) -> None:
    assert len(differences(speaking({"kiosk.pay": "Pay {amount}"}, el=greek))) == 1


@pytest.mark.parametrize(
    "code",
    [
        'say = t("kiosk.pya");',
        't(given < due ? "kiosk.pay" : "kiosk.pya")',
        't("kiosk.pya", { amount })',
        'textIn(language, "kiosk.pya")',
        "t('kiosk.pya')",
    ],
)
def test_a_key_that_does_not_exist_is_found(code: str) -> None:
    assert len(unknown_keys(speaking({"kiosk.pay": "Pay"}, code))) == 1


def test_a_counted_text_needs_both_forms() -> None:
    texts = {"kiosk.items.one": "1 item"}

    assert unknown_keys(speaking(texts, 'counted("kiosk.items", 2)')) == [
        "edge/screens/src/app.tsx says kiosk.items.other"
    ]


@pytest.mark.parametrize(
    ("key", "code", "problems"),
    [
        ("kiosk.pay", "", 1),
        ("kiosk.pay", 'const title: Key = "kiosk.pay";', 0),
        ("device.printer", "t(`device.${kind}` as Key)", 0),
        ("error.gone-fishing.title", "known(`error.${code}.title`)", 1),  # no error of that name
        ("error.no-answer.title", 'throw new Problem("no-answer", "", "", 0);', 0),
    ],
)
def test_a_text_that_nobody_says_is_found(key: str, code: str, problems: int) -> None:
    assert len(unsaid_keys(speaking({key: "Text"}, code))) == problems
