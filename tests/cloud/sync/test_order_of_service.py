"""Whose entries are interpreted next: each node comes to its turn, however loud others are and whatever theirs cost."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cloud.app import open_head_office
from cloud.head_office import HeadOffice
from cloud.received import Node, Received
from cloud.sync import intake
from cloud.sync.projector import AT_ONCE_S, ENTRIES_AT_ONCE, ENTRIES_READ, NODES_AT_ONCE, Handling, Projected, project
from shared.events.nodes import NodeStarted
from shared.protocol.batch import BATCH_ENTRIES_MAX
from tests.cloud.boxes import Box, an_id
from tests.cloud.world import MovableClock, config, open_world, send

LOUD = 2 * NODES_AT_ONCE
QUIET = an_id(999)  # stands last wherever nodes are in order


@dataclass(slots=True)
class SlowClock(MovableClock):
    """Whenever somebody looks, some time has passed: each entry is a costly one."""

    passed_s: float = 0.0
    step_s: float = AT_ONCE_S

    def monotonic_s(self) -> float:
        self.passed_s += self.step_s
        return self.passed_s


@dataclass(slots=True)
class Notes:
    """A handler that notes whose starts it was given, in order."""

    seen: list[tuple[str, str]] = field(default_factory=list)
    last: str = ""  # the node that was served last

    @property
    def handlers(self) -> Handling:
        return {NodeStarted: (self.note,)}

    def note(self, _: Any, received: Received[NodeStarted]) -> None:
        self.seen.append((received.node_id, received.fact.software_version))


async def hold(head_office: HeadOffice, node_id: str, entries: int) -> None:
    """Let head office hold entries of a node, as intake leaves them."""
    box = Box(head_office.clock, id=node_id)
    box.started(*(str(number) for number in range(entries)))
    node = Node(node_id, an_id(1), an_id(2), bytes.fromhex(box.public_key))
    for first in range(1, entries + 1, BATCH_ENTRIES_MAX):
        batch = box.batch(first, min(first + BATCH_ENTRIES_MAX - 1, entries))
        await head_office.db.write(intake.take, node, batch, head_office.clock.now())


async def take_turns(head_office: HeadOffice, notes: Notes, clock: MovableClock, turns: int) -> None:
    for _ in range(turns):
        done: Projected = await head_office.db.write(project, notes.handlers, clock, notes.last)
        notes.last = done.last or notes.last


async def test_a_quiet_nodes_entry_is_applied_within_one_round_of_the_loud_ones(tmp_path: Path) -> None:
    clock, notes = MovableClock(), Notes()
    async with open_head_office(config(), tmp_path, clock) as head_office:
        for number in range(LOUD):
            await hold(head_office, an_id(100 + number), ENTRIES_AT_ONCE + 1)
        await hold(head_office, QUIET, 1)
        await take_turns(head_office, notes, clock, LOUD // NODES_AT_ONCE)
        others = list(notes.seen)
        await take_turns(head_office, notes, clock, 1)

    assert len(others) == LOUD * ENTRIES_AT_ONCE
    assert (QUIET, "0") in notes.seen


async def test_a_turn_ends_by_time_and_a_costly_node_waits_for_the_others(tmp_path: Path) -> None:
    clock, notes = SlowClock(), Notes()
    loud = [an_id(100 + number) for number in range(LOUD)]
    async with open_head_office(config(), tmp_path, clock) as head_office:
        for node_id in loud:
            await hold(head_office, node_id, 2)
        await hold(head_office, QUIET, 1)
        await take_turns(head_office, notes, clock, LOUD + 1)
        first_round = list(notes.seen)
        await take_turns(head_office, notes, clock, LOUD + 1)

    assert first_round == [*((node_id, "0") for node_id in loud), (QUIET, "0")]
    assert notes.seen[len(first_round) :] == [(node_id, "1") for node_id in loud]


async def test_what_a_turn_left_is_taken_up_where_it_ended(tmp_path: Path) -> None:
    clock, notes = SlowClock(step_s=AT_ONCE_S / 7), Notes()
    entries = 3 * ENTRIES_READ + 1
    async with open_head_office(config(), tmp_path, clock) as head_office:
        await hold(head_office, QUIET, entries)
        await take_turns(head_office, notes, clock, 1)
        in_one_turn = len(notes.seen)
        await take_turns(head_office, notes, clock, entries)

    assert 1 < in_one_turn < ENTRIES_READ
    assert notes.seen == [(QUIET, str(number)) for number in range(entries)]


async def test_nothing_waits_for_good_when_every_entry_is_costly(tmp_path: Path) -> None:
    async with open_world(tmp_path, SlowClock()) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        boxes = [await tenant.enrol(store["id"], f"kiosk {at}", f"S1K{at}") for at in range(3)]
        for box in boxes:
            for number in range(4):
                box.sold(1 + boxes.index(box) * 10 + number)
            await send(world, box)
        await world.projected()
        totals = await tenant.totals()

    assert (totals["orders"], totals["quarantined"]) == (12, 0)
