"""Entries that are set aside, and what may be done about them."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from cloud.sync.quarantine import Act, Kind
from shared.errors import Conflict, Invalid
from shared.model.strict import Code, Count, Id, Name, Strict

State = Literal["waiting", "settled", "applied"]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
RAW_SHOWN_MAX = 100_000  # characters; the whole entry is a file to download


class AlreadyApplied(Conflict):
    """This entry is applied; nothing is left to do about it."""

    hint = "What has to change now is a correction of its own, such as a refund."


class EventMissing(Invalid):
    """The entry does not say what it is."""

    hint = "Name the event and its version together with the corrected body."


class StillRefused(Conflict):
    """The corrected entry cannot be applied either: {problem}"""

    hint = "Nothing was kept; correct it further."


class SetAside(Strict):
    """An entry that is not applied, in a list."""

    node_id: Id
    node_name: Code
    store_id: Id
    store_name: Name
    seq: int
    state: State
    kind: Kind
    event: str | None
    version: int | None
    reason: str
    at: AwareDatetime
    tries: int
    tried_at: AwareDatetime


class SetAsidePage(Strict):
    """Entries by node and in order; ask again with `next` as the cursor for those behind them."""

    entries: tuple[SetAside, ...]
    next: str | None
    waiting: int


class SetAsideQuery(Strict):
    """Which entries: of one node or of all, those that wait or those that were settled."""

    node_id: Id | None = None
    state: Literal["waiting", "settled"] = "waiting"
    cursor: Annotated[str, StringConstraints(pattern=r"^([0-9a-f-]{36}\.[0-9]{1,15})?$")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    @property
    def after(self) -> tuple[str, int]:
        """The node and the seq behind which the page begins."""
        node_id, _, seq = self.cursor.partition(".")
        return node_id, int(seq or 0)


class Repair(Strict):
    """What was done about an entry. Repairs are added, never changed."""

    act: Act
    author: str | None  # None: the service itself, when it started with software that knows the event
    note: str | None
    event: str | None  # what was applied instead of the raw entry
    version: int | None
    body: dict[str, Any] | None
    reason: str  # why the entry was set aside
    at: AwareDatetime


class EntryDetail(Strict):
    """One entry with everything that is known about it. `raw` is as the node wrote it, and never changes."""

    node_id: Id
    node_name: Code
    store_id: Id
    store_name: Name
    seq: int
    state: State
    kind: Kind | None
    event: str | None
    version: int | None
    reason: str
    at: AwareDatetime | None
    tries: int
    tried_at: AwareDatetime | None
    received_at: AwareDatetime
    raw: str
    raw_length: int  # characters; `raw` has at most the first 100,000
    repairs: tuple[Repair, ...]


class ReplayRequest(Strict):
    """Apply once more, as after new software; who asks for it is kept."""

    author: Name


class ReplaysRequest(ReplayRequest):
    """The same for all that wait at a node, or at all nodes."""

    node_id: Id | None = None


class ReplayReport(Strict):
    """What became of entries that were applied once more."""

    applied: Count
    refused: Count


class SettleRequest(Strict):
    """Let an entry wait no longer though it is not applied; the note says what was done instead."""

    author: Name
    note: Note


class CorrectRequest(Strict):
    """A body to be applied instead of the raw one. Event and version are the entry's own unless they are named."""

    author: Name
    reason: Note
    event: Code | None = None
    version: Annotated[int, Field(ge=1, le=10_000)] | None = None
    body: dict[str, Any]
