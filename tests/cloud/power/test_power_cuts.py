"""The power of head office goes at a thousand moments: what it acknowledged is there, nothing is half, nothing twice.

The last tests take the protection away and demand that it is missed.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cloud import database
from cloud.app import handlers_by_fact
from cloud.database import FILE, Database
from cloud.fleet import service as fleet
from cloud.sync import intake, projector
from shared.events.days import DayClosed
from shared.events.orders import OrderCompleted, OrderRefunded
from tests.cloud.boxes import Box, an_id
from tests.cloud.power.recording import recording
from tests.cloud.world import MovableClock, World, open_world, send
from tests.edge.power.cuts import Picture, cut_anywhere
from tests.edge.power.recording import Happening, Mark, Recording

CUTS = 1_000
GO_ON_EVERY = 25  # pictures
SEED = 7
ROUNDS = 12  # of sales at each box, in each half of the day
# The log goes into the database after so many pages instead of 1,000: such moments shall be many.
CHECKPOINT_PAGES = 30
PREPARE = database._prepare

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True, slots=True)
class Joined:
    """A box was told that it is a node."""

    node_id: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A box was told how far its journal is held."""

    node_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Shown:
    """People at head office saw everything that had been taken."""


@dataclass(slots=True)
class Promised:
    """What boxes and people had been told when the power went."""

    taken: dict[str, int] = field(default_factory=dict)  # by node
    shown: dict[str, int] = field(default_factory=dict)  # by node

    def hear(self, what: Happening) -> None:
        match what:
            case Mark(Joined(node_id)):
                self.taken[node_id] = 0
            case Mark(Taken(node_id, seq)):
                self.taken[node_id] = seq
            case Mark(Shown()):
                self.shown = dict(self.taken)


@dataclass(slots=True)
class Past:
    """A day at head office that is over."""

    recorded: Recording
    boxes: list[Box] = field(default_factory=list)

    async def live(self, folder: Path, clock: MovableClock) -> None:
        """Let two boxes of a store sell, take back and close, with a restart of head office in between."""
        for half in range(2):
            async with open_world(folder, clock) as world:
                if half == 0:
                    await self._begin(world)
                for turn in range(half * ROUNDS, (half + 1) * ROUNDS):
                    for index, box in enumerate(self.boxes):
                        sell(box, turn, 1_000 * index)
                        await self._deliver(world, box, again=turn % 3)
                    if turn % 4 == 3:
                        await world.checked()
                        self.recorded.mark(Shown())

    async def _begin(self, world: World) -> None:
        tenant = await world.tenant()
        store = await tenant.open_store()
        for name, series in (("kiosk", "S1K1"), ("till", "S1T1")):
            self.boxes.append(await tenant.enrol(store["id"], name, series))
            self.recorded.mark(Joined(self.boxes[-1].id))

    async def _deliver(self, world: World, box: Box, again: int) -> None:
        """Send what is new, and some entries once more, as a box does that lost an answer."""
        answer = await send(world, box, max(1, len(box.entries) - 1 - again))
        self.recorded.mark(Taken(box.id, answer.body["seq"]))


def sell(box: Box, turn: int, ids: int) -> None:
    """Sell, take some of it back in every second turn, close in every fifth. ids: where the box's own begin."""
    number = 1 + sum(not isinstance(fact, DayClosed) for fact in box.facts.values())
    order = box.sold(number, id=an_id(ids + number))
    if turn % 2 == 0:
        box.took_back(number + 1, order, id=an_id(ids + number + 1))
    if turn % 5 == 4:
        box.closed(id=an_id(ids + 900 + number))


async def live_a_day(folder: Path, monkeypatch: pytest.MonkeyPatch, synchronous: str | None = None) -> Past:
    """synchronous: as SQLite calls it, in the place of what the product has."""

    def prepare(connection: Any, record: Any) -> None:
        PREPARE(connection, record)
        connection.execute(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}")
        if synchronous is not None:
            connection.execute(f"pragma synchronous = {synchronous}")

    monkeypatch.setattr(database, "_prepare", prepare)
    with recording() as recorded:
        past = Past(recorded)
        await past.live(folder / "day", MovableClock())
    monkeypatch.undo()
    return past


def lay_down(picture: Picture, folder: Path) -> None:
    """Put a picture onto the real disk, in the place of the one before."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"{FILE}*"):
        old.unlink()
    for name, content in picture.items():
        (folder / name).write_bytes(content)


def broken(folder: Path, boxes: list[Box], promised: Promised) -> list[str]:
    """Return what does not hold in the data of head office, as sentences."""
    with closing(sqlite3.connect(folder / FILE)) as tx:
        try:
            return list(_broken(tx, boxes, promised))
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # names of tables may be garbage, too
            return [f"damaged: {error}"]


def _broken(tx: sqlite3.Connection, boxes: list[Box], promised: Promised) -> Iterator[str]:
    if (found := tx.execute("pragma integrity_check").fetchone()[0]) != "ok":
        yield f"damaged: {found}"
    if tx.execute("pragma foreign_key_check").fetchone():
        yield "damaged: a reference leads nowhere"
    if not tx.execute("select count(*) from sqlite_schema").fetchone()[0]:  # the very first commit is not on the disk
        if promised.taken:
            yield "lost: everything"
        return
    enrolled = {node_id for (node_id,) in tx.execute("select id from nodes where public_key is not null")}
    if promised.taken.keys() - enrolled:
        yield "lost: who the boxes are"
    if tx.execute("select count(*) from quarantine").fetchone()[0]:
        yield "doubled: something was applied twice, and set aside"
    for box in boxes:
        yield from _broken_journal(tx, box, promised)


def _broken_journal(tx: sqlite3.Connection, box: Box, promised: Promised) -> Iterator[str]:
    """What is held is what the box wrote, without a gap; what is applied is what is held up to there, each once."""
    query = "select seq, head, projected_seq from journal_heads where node_id = ?"
    seq, head, projected_seq = tx.execute(query, (box.id,)).fetchone() or (0, box.head(0).hex(), 0)
    if seq < promised.taken.get(box.id, 0):
        yield f"lost: {box.series} was told that {promised.taken[box.id]} entries are held, and {seq} are"
    if projected_seq < promised.shown.get(box.id, 0):
        yield f"lost: of {box.series} {promised.shown[box.id]} entries were shown, and {projected_seq} are"
    query = "select entry from journal where node_id = ? order by seq"
    if [text.encode() for (text,) in tx.execute(query, (box.id,))] != box.entries[:seq]:
        yield f"half: the journal of {box.series} is not what it wrote up to {seq}"
    if head != box.head(seq).hex():
        yield f"half: the journal's head of {box.series} is not that of {seq}"
    for table, ids in applied(box, projected_seq).items():
        rows = Counter(key for (key,) in tx.execute(f"select id from {table} where node_id = ?", (box.id,)))
        if rows != Counter(ids):
            yield f"{'doubled' if rows - Counter(ids) else 'half'}: {table} of {box.series} up to {projected_seq}"


def applied(box: Box, seq: int) -> dict[str, list[str]]:
    """Return the ids that each table has of a box when its entries are applied up to one."""
    facts = [fact for at, fact in box.facts.items() if at <= seq]
    return {
        "orders": [fact.order.id for fact in facts if isinstance(fact, OrderCompleted)],
        "refunds": [fact.refund.id for fact in facts if isinstance(fact, OrderRefunded)],
        "closings": [fact.closing.id for fact in facts if isinstance(fact, DayClosed)],
    }


async def wrong_afterwards(folder: Path, boxes: list[Box], promised: Promised) -> list[str]:
    """Go on as if the power had come back: boxes send what they were not told to be held, and all is applied."""
    clock = MovableClock()
    async with Database(folder) as db:
        joined = [box for box in boxes if box.id in promised.taken]
        for box in joined:
            node = await db.read(fleet.enrolled_node, box.id)
            first_seq = min(promised.taken[box.id] + 1, len(box.entries))
            await db.write(intake.take, node, box.batch(first_seq), clock.now())
        while (await db.write(projector.project, handlers_by_fact(), clock)).last:
            pass
    everything = {box.id: len(box.entries) for box in joined}
    return broken(folder, joined, Promised(everything, everything))


@dataclass(slots=True)
class Findings:
    """What was tried, and what was wrong."""

    pictures: int = 0  # that differ
    gone_on: int = 0
    problems: Counter[str] = field(default_factory=Counter)  # by kind
    first: str = ""


async def judge(past: Past, folder: Path, cuts: int, go_on_every: int = GO_ON_EVERY) -> Findings:
    """Look at what the disk may hold after cuts, and go on from some of it."""
    found, promised, seen, heard = Findings(), Promised(), set(), 0
    for cut in cut_anywhere(past.recorded, cuts, SEED):
        for happening in past.recorded.happenings[heard : cut.moment]:
            promised.hear(happening)
        heard = cut.moment
        if cut.identity in seen or FILE not in cut.picture:
            continue
        seen.add(cut.identity)
        found.pictures += 1
        lay_down(cut.picture, folder)
        problems = broken(folder, past.boxes, promised)
        if not problems and found.pictures % go_on_every == 0:
            found.gone_on += 1
            problems = await wrong_afterwards(folder, past.boxes, promised)
        found.problems.update({problem.partition(":")[0] for problem in problems})
        found.first = found.first or "".join(f"cut {cut.number} after {cut.moment}: {one}" for one in problems[:1])
    return found


async def test_a_thousand_power_cuts_of_head_office_lose_nothing_that_it_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = await live_a_day(tmp_path, monkeypatch)

    found = await judge(past, tmp_path / "picture", CUTS)

    print(len(past.recorded.happenings), found)
    assert not found.problems, found.first
    assert found.pictures > CUTS / 2
    assert found.gone_on > CUTS / 2 / GO_ON_EVERY


@pytest.mark.parametrize("synchronous", ["normal", "off"])
async def test_acknowledged_entries_are_lost_when_the_log_is_synced_only_now_and_then_or_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synchronous: str
) -> None:
    past = await live_a_day(tmp_path, monkeypatch, synchronous)

    found = await judge(past, tmp_path / "picture", 200, go_on_every=10**9)

    print(found)
    assert found.problems["lost"] > 30
    assert (found.problems["damaged"] > 0) == (synchronous == "off")
