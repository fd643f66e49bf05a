"""Who may hear and say what: a table of roles, and the one question that is asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.broker.settings import Role

FILTER_CHARACTERS_MAX = 500  # ours have some sixty


@dataclass(frozen=True, slots=True)
class Rights:
    """Topic filters; `{name}` stands for the user's own name."""

    hears: tuple[str, ...] = ()
    speaks: tuple[str, ...] = ()


# `store/` is what everybody may know; an inbox, its receipts and a device's topics are one user's own.
ROLES: Mapping[Role, Rights] = {
    "listener": Rights(hears=("store/#",)),
    "receiver": Rights(hears=("store/#", "inbox/{name}/#"), speaks=("receipts/{name}",)),
    "device": Rights(hears=("devices/{name}/#",), speaks=("devices/{name}/#",)),
    "service": Rights(hears=("store/#", "devices/#"), speaks=("devices/#",)),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is connected, after they proved it. Without a name: anybody."""

    name: str
    role: Role

    def may_hear(self, wanted: str) -> bool:
        """Tell whether a topic, or every topic of a filter, is theirs to hear."""
        return self._is_within(ROLES[self.role].hears, wanted)

    def may_say(self, topic: str) -> bool:
        return not {"#", "+"}.intersection(topic) and self._is_within(ROLES[self.role].speaks, topic)

    def _is_within(self, rules: tuple[str, ...], wanted: str) -> bool:
        if len(wanted) > FILTER_CHARACTERS_MAX:
            return False
        return any(covers(rule.format(name=self.name), wanted) for rule in rules)


def covers(rule: str, wanted: str) -> bool:
    """Tell whether every topic that `wanted` matches is matched by `rule` too; a topic is a filter without wildcards.

    Source: MQTT 3.1.1, section 4.7. `a/#` matches `a` as well.
    """
    levels, others = rule.split("/"), wanted.split("/")
    for index, level in enumerate(levels):
        if level == "#":
            return True
        if index == len(others) or others[index] == "#" or level not in {"+", others[index]}:
            return False
    return len(levels) == len(others)
