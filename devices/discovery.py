"""What is plugged into this box, and how it could be bound."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from devices.identity import DEV, SYS, NodeClass, nodes

Sort = Literal["serial line", "printer", "keyboard"]
# Device files by what they are.
SORTS: Mapping[NodeClass, Sort] = {"tty": "serial line", "usbmisc": "printer", "input": "keyboard"}
# What may be bound to each; of a serial line nobody can tell what hangs on it.
OFFERS: Mapping[Sort, tuple[tuple[str, str], ...]] = {
    "serial line": (("scanner", "serial"),),
    "printer": (("printer", "escpos"),),
    "keyboard": (("scanner", "wedge"),),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is plugged in. path: where it is now; stable: how settings should name it."""

    sort: Sort
    path: str
    stable: str
    title: str

    def offers(self, name: str) -> list[dict[str, str]]:
        """Return the entries of a configuration that could bind it."""
        return [{"kind": kind, "make": make, "name": name, "path": self.stable} for kind, make in OFFERS[self.sort]]


def discover(sys: Path = SYS, dev: Path = DEV) -> list[Found]:
    """Return what is plugged in just now, in order of path."""
    found = []
    for node_class, sort in SORTS.items():
        present = nodes(node_class, sys, dev)
        meant = Counter(text for node in present if node.identity for text in node.identity.texts())
        for node in present:
            names = node.identity.texts() if node.identity else ()
            stable = next((name for name in names if meant[name] == 1), node.path)
            found.append(Found(sort, node.path, stable, node.title))
    return sorted(found, key=lambda one: one.path)


def unbound(found: Sequence[Found], bound: Iterable[str]) -> list[Found]:
    """Return what no setting names yet. bound: the paths and identities that settings name."""
    known = {str(Path(path).resolve()) if path.startswith("/") else path for path in bound}
    return [one for one in found if one.stable not in known and one.path not in known]
