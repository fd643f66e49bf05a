"""The repository builds anywhere: nothing in it names a machine, and what it installs is pinned by its content."""

import json
import re
from pathlib import PurePosixPath

import pytest

from tests.tidy.tree import Tree, demand, planted

PLACES = re.compile(
    r"registry\.[a-z]|npmjs\.(?:org|com)|pypi\.org|pythonhosted\.org"  # where packages happened to come from
    r"|--(?:extra-)?index-url|--find[-]links|--trusted[-]host"
    r"|(?<![\w.~-])/(?:work|root|home|Users)/\w"  # somebody's own folders
)
PINNED = re.compile(r"[A-Za-z0-9_.\[\],-]+==\S+( ;.*?)?(?: --hash=sha256:[0-9a-f]{64})+")


def places(tree: Tree) -> list[str]:
    """Return lines that name a registry's host or a path of one machine."""
    return [
        f"{path}:{number} names {found[0]}"
        for path, text in tree.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (found := PLACES.search(line))
    ]


def loose_requirements(tree: Tree) -> list[str]:
    """Return Python requirements without an exact version and hashes."""
    found = []
    for path, text in tree.items():
        if path.parent == PurePosixPath("requirements") and path.suffix == ".txt":
            lines = re.sub(r"\s*#.*", "", text).replace("\\\n", " ").splitlines()
            found += [
                f"{path}: {line.split()[0]} is not pinned with hashes"
                for line in lines
                if line.strip() and not PINNED.fullmatch(" ".join(line.split()))
            ]
    return found


def loose_packages(tree: Tree) -> list[str]:
    """Return packages of the screens' lock file without integrity, and places they are said to come from."""
    lock = json.loads(tree.get(PurePosixPath("package-lock.json"), "{}"))
    return [
        f"package-lock.json: {name} {problem}"
        for name, package in lock.get("packages", {}).items()
        if name and not package.get("link") and not package.get("inBundle")
        for problem, is_so in (
            ("has no integrity", "integrity" not in package),
            ("says where it came from", "resolved" in package),
        )
        if is_so
    ]


def test_nothing_names_a_registry_or_a_machine() -> None:
    demand(places)


def test_every_python_requirement_has_hashes() -> None:
    demand(loose_requirements)


def test_every_package_of_the_screens_has_its_integrity_and_no_address() -> None:
    demand(loose_packages)


@pytest.mark.parametrize(
    "parts",
    [
        ("https://registry", ".example.test/preact.tgz"),
        ("https://files.pythonhosted", ".org/x.whl"),
        ("pip install --index", "-url https://example.test"),
        ("cd /ro", "ot/x"),
        ('open("/wo', 'rk/x")'),
        ("/ho", "me/ada/shop"),
    ],
)
def test_a_place_is_found(parts: tuple[str, str]) -> None:  # in parts: this file is in the repository too
    assert len(places(planted({"README.md": "".join(parts)}))) == 1


@pytest.mark.parametrize("line", ["--no-emit-index-url", "https://example.test/work/x", "a.root/b", "/var/lib/x"])
def test_what_is_no_place_is_free(line: str) -> None:
    assert places(planted({"Makefile": line})) == []


HASH = f"--hash=sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (f"a==1 \\\n    {HASH} \\\n    {HASH}\n    # via b\nc[d]==2 ; sys_platform == 'linux' \\\n    {HASH}\n", 0),
        ("a==1\n", 1),
        (f"a>=1 \\\n    {HASH}\n", 1),
        (f"a==1 \\\n    {HASH}\nb\n", 1),
        ("-e .\n", 1),
    ],
)
def test_a_loose_requirement_is_found(text: str, problems: int) -> None:
    assert len(loose_requirements(planted({"requirements/edge.txt": text}))) == problems


@pytest.mark.parametrize(
    ("package", "problems"),
    [
        ({"version": "1", "integrity": "sha512-x"}, 0),
        ({"version": "1"}, 1),
        ({"version": "1", "integrity": "sha512-x", "resolved": "somewhere"}, 1),
    ],
)
def test_a_loose_package_is_found(package: dict[str, str], problems: int) -> None:
    lock = json.dumps({"packages": {"": {"name": "screens"}, "node_modules/preact": package}})

    assert len(loose_packages(planted({"package-lock.json": lock}))) == problems
