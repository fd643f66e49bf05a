"""What happens to nodes."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from shared.events.fact import Fact
from shared.model.strict import Code, Count, Id, Moment, Name, Strict

LEFT_OUT_MAX = 1_000  # told by name; a node that lacks more needs new software, not a list


class NodeStarted(Fact):
    """The daemon came up and verified its journal."""

    event_name: ClassVar[str] = "node.started"
    software_version: Name


class ClockSet(Fact):
    """The node took head office's time, as its own was off by more than a moment.

    Entries before this one say `at` by the time before, those behind it by the time after.
    """

    event_name: ClassVar[str] = "node.clock_set"
    before: Moment  # what the node took for the time
    after: Moment  # what head office told
    device: Moment  # what the box's own clock shows, which is not set


class CopiesDelivered(Fact):
    """The node brought entries of a neighbour to head office, which the neighbour had not sent itself."""

    event_name: ClassVar[str] = "node.copies_delivered"
    node_id: Id  # the neighbour
    first_seq: Count
    last_seq: Count


class LeftOut(Strict):
    """A promotion that a node cannot read, and why: most often, its software is older than the promotion."""

    promotion_id: Name
    problem: Annotated[str, StringConstraints(max_length=300)]


class PromotionsLeftOut(Fact):
    """The node sells without these promotions of head office's from now on. An empty list takes back an earlier one."""

    event_name: ClassVar[str] = "node.promotions_left_out"
    pack_version: Code  # of the others, with which it sells
    left_out: Annotated[tuple[LeftOut, ...], Field(max_length=LEFT_OUT_MAX)]
