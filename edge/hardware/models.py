"""A box's devices as an installer sees them."""

from typing import Literal

from shared.model.strict import Strict


class BoundDevice(Strict):
    """A device of the configuration. address: where it is looked for; can_be_tried: whether there is a test for it."""

    name: str
    kind: str
    make: str
    address: str
    state: Literal[
        "connecting", "ready", "degraded", "failed", "unwatched"
    ]  # unwatched: it is only spoken to when it is needed
    code: str | None = None  # what is wrong
    title: str | None = None
    hint: str | None = None
    can_be_tried: bool


class UnboundDevice(Strict):
    """Something that is plugged in and that no setting names. offers: entries for the configuration, in TOML."""

    sort: str
    path: str
    stable: str
    title: str
    offers: tuple[str, ...]


class DevicesView(Strict):
    """Everything about a box's devices, in order of name and of path."""

    bound: tuple[BoundDevice, ...]
    unbound: tuple[UnboundDevice, ...]


class Tried(Strict):
    """A device that was tried out and worked. read: what it read, empty where it reads nothing."""

    name: str
    kind: str
    read: str
