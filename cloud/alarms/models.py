"""Alarms, and what each kind of them means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from shared.model.strict import Code, Count, Id, Name, Strict

Kind = Literal[
    "gap",  # receipt numbers that no order and no refund has
    "repeat",  # a receipt number that came twice
    "series",  # a receipt number of another node's series, or of nobody's
    "set_back",  # its journal went another way from an entry on that is held: restored from an older copy
    "cloned",  # both ways go on: two boxes are the same node
    "broken",  # its entries do not lead to the hash that it signed
    "foreign_key",  # a batch that it did not sign
    "retired",  # it was retired and speaks all the same
    "returned",  # it came back by its certificate: the data had forgotten it
    "unsent",  # it keeps entries for too long
    "silent",  # nobody heard of it for too long
    "day",  # a closed day differs from what head office has
]
Facts = dict[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a node may be silent, and keep entries. Before the service began nobody listened, so that counts not."""

    silent_for: timedelta
    unsent_for: timedelta
    began_at: datetime


class NodeAlarm(Strict):
    """One trouble of one node. `facts` are what its kind needs: seq, first and last number, series, day …

    `by` names the box that delivered what is wrong, where that is another one: it may be the one at fault.
    """

    number: int
    kind: Kind
    node_id: Id
    node_name: Code
    store_id: Id
    store_name: Name
    facts: Facts
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    count: Count
    state: Literal["open", "settled"]
    author: str | None  # who settled it; None when it passed by itself
    note: str | None
    settled_at: AwareDatetime | None


class NodeAlarmPage(Strict):
    """Alarms, the newest first; ask again with `next` as the cursor for older ones."""

    alarms: tuple[NodeAlarm, ...]
    next: str | None
    open: Count


class NodeAlarmQuery(Strict):
    """Which alarms."""

    state: Literal["open", "settled"] = "open"
    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,15}$")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class SettleAlarmRequest(Strict):
    """Somebody looked after it; the note says what was found or done."""

    author: Name
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
