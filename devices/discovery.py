"""What is plugged into this box, and how it could be bound."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from devices.identity import DEV, SYS, Node, NodeClass, nodes, text_of

Sort = Literal["serial line", "printer", "keyboard"]
# Device files by what they are. A board's own serial lines are listed only where there is a chip behind them.
SORTS: Mapping[NodeClass, Sort] = {"tty": "serial line", "usbmisc": "printer", "input": "keyboard"}
# What may be bound to each; of a serial line nobody can tell what hangs on it.
OFFERS: Mapping[Sort, tuple[tuple[str, str], ...]] = {
    "serial line": (("scanner", "serial"),),
    "printer": (("printer", "escpos"),),
    "keyboard": (("scanner", "wedge"),),
}
LETTER_KEYS = range(16, 26)  # Q to P: a keyboard has them, a power button has not
FIRST_WORD_BITS = 64


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
        usable = [node for node in nodes(node_class, sys, dev) if is_usable(node_class, node)]
        named = Counter(node.identity.text() for node in usable if node.identity)
        for node in usable:
            stable = node.path
            if node.identity:
                stable = node.identity.text(by_socket=named[node.identity.text()] > 1)
            found.append(Found(sort, node.path, stable, node.title))
    return sorted(found, key=lambda one: one.path)


def is_usable(node_class: NodeClass, node: Node) -> bool:
    match node_class:
        case "tty":
            return node.identity is not None or text_of(node.sysfs / "type") not in ("", "0")
        case "usbmisc":
            return Path(node.path).name.startswith("lp")
        case "input":
            return Path(node.path).name.startswith("event") and node.identity is not None and types_letters(node)


def types_letters(node: Node) -> bool:
    """Tell whether an input device has letter keys. Its bitmap of keys is hexadecimal words, the lowest last."""
    words = text_of(node.sysfs / "device" / "capabilities" / "key").split()
    lowest = int(words[-1], 16) if words else 0
    return all(lowest >> key & 1 for key in LETTER_KEYS)


def unbound(found: Sequence[Found], bound: Iterable[str]) -> list[Found]:
    """Return what no setting names yet. bound: the paths and identities that settings name."""
    known = {str(Path(path).resolve()) if path.startswith("/") else path for path in bound}
    return [one for one in found if one.stable not in known and one.path not in known]
