"""The power goes at ten thousand moments of a day: nothing is lost, doubled, half done or damaged.

The last tests take one protection away each and demand that it is missed.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cloud.database import Transaction as CloudTransaction
from cloud.received import Node
from cloud.sync import intake
from edge import journal, requests
from edge.database import Transaction
from edge.journal import DamagedJournal
from shared.protocol.batch import Acknowledged, Batch
from tests.edge.power import office
from tests.edge.power.afterwards import Before, lay_beside, wrong_afterwards
from tests.edge.power.cuts import Cut, cut_anywhere
from tests.edge.power.day import Past, Sent, live_a_day, normal
from tests.edge.power.promises import Promised, broken, lay_down
from tests.edge.power.recording import Mark, Recording, recording
from tests.edge.small_shop import open_small_shop

CUTS = 10_000
GO_ON_EVERY = 25  # pictures: opening the whole shop takes fifty times as long as looking at its data
SEED = 5
DAMAGES = 100
IS_FIRST, TAKE = requests.is_first, intake.take

pytestmark = pytest.mark.timeout(600)


@dataclass(slots=True)
class Findings:
    """What was tried, and what was wrong."""

    cuts: int = 0
    pictures: int = 0  # that differ
    gone_on: int = 0
    problems: Counter[str] = field(default_factory=Counter)  # by kind
    first: str = ""

    def note(self, cut: Cut, problems: list[str]) -> None:
        for problem in problems:
            self.problems[problem.partition(":")[0]] += 1
            self.first = self.first or f"cut {cut.number} after {cut.moment} happenings: {problem}"


@dataclass(slots=True)
class Judge:
    """Tries what a day's disk may look like after cuts."""

    past: Past
    folder: Path
    engine: Engine
    promised: Promised = field(default_factory=Promised)
    before: Before = field(default_factory=Before)

    async def judge(
        self, recorded: Recording, cuts: int, seed: int, since: int = 0, go_on_every: int = GO_ON_EVERY
    ) -> Findings:
        """Look at every different picture, and go on from some as the product would."""
        found, seen, heard = Findings(), set(), 0
        for cut in cut_anywhere(recorded, cuts, seed, since):
            for happening in recorded.happenings[heard : cut.moment]:
                self.promised.hear(happening)
                self.before.hear(happening)
            heard = cut.moment
            found.cuts += 1
            if cut.identity in seen:
                continue
            seen.add(cut.identity)
            found.pictures += 1
            found.note(cut, broken(lay_down(cut.picture, self.folder), self.promised))
            if found.pictures % go_on_every == 0:
                found.gone_on += 1
                found.note(cut, await self.go_on())
        return found

    async def go_on(self) -> list[str]:
        past = self.past
        problems = await wrong_afterwards(self.folder, past.catalogue, self.before, past.entries, self.engine)
        return problems + broken(self.folder / "sales.db", self.promised)


async def opened_judge(folder: Path, past: Past | None = None) -> Judge:
    for name in ("day", "picture"):
        (folder / name).mkdir()
    return Judge(past or await live_a_day(folder / "day"), folder / "picture", office.build())


async def test_ten_thousand_power_cuts_lose_nothing_double_nothing_and_leave_nothing_half_done(tmp_path: Path) -> None:
    judge = await opened_judge(tmp_path)

    found = await judge.judge(judge.past.recorded, CUTS, SEED)

    print(found)
    assert not found.problems, found.first
    assert found.cuts == CUTS
    assert found.pictures > CUTS / 2
    assert found.gone_on > CUTS / 2 / GO_ON_EVERY


async def test_a_second_power_cut_while_the_box_gets_over_the_first_does_no_harm(tmp_path: Path) -> None:
    judge = await opened_judge(tmp_path)
    found = Findings()
    for number, cut in enumerate(cut_anywhere(judge.past.recorded, 10, SEED + 1)):
        promised, before = Promised(), Before()
        for happening in judge.past.recorded.happenings[: cut.moment]:
            promised.hear(happening)
            before.hear(happening)
        lay_down(cut.picture, judge.folder)
        judge.before = before
        with recording(judge.folder.glob("sales.db*")) as recorded:
            known = len(recorded.happenings)
            await judge.go_on()
        again = Judge(judge.past, judge.folder, judge.engine, promised, before)
        more = await again.judge(recorded, 100, number, known, go_on_every=50)
        found.pictures += more.pictures
        found.note(cut, [more.first] if more.problems else [])

    print(found)
    assert not found.problems, found.first
    assert found.pictures > 300


async def unnoticed_damages(judge: Judge) -> int:
    """Turn one bit of one journal entry, on many disks. Returns how often the shop opens as if nothing were wrong."""
    chance, opened = random.Random(SEED), 0
    for cut in cut_anywhere(judge.past.recorded, DAMAGES, SEED, since=len(judge.past.recorded.happenings) // 2):
        path = lay_down(cut.picture, judge.folder)
        lay_beside(judge.past.catalogue, judge.folder)
        tx = Transaction(str(path))
        tx.execute("pragma locking_mode = exclusive")
        seq, written = tx.row("select seq, entry from journal order by random() limit 1")
        damaged = bytearray(written)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        tx.execute("update journal set entry = ? where seq = ?", (bytes(damaged), seq))
        tx.close()
        try:
            async with open_small_shop(judge.folder):
                opened += 1
        except DamagedJournal as error:
            opened += error.facts["seq"] != seq  # noticed, but not where it is
    return opened


async def test_a_bit_that_turned_in_the_journal_is_noticed_before_anything_is_sold(tmp_path: Path) -> None:
    assert await unnoticed_damages(await opened_judge(tmp_path)) == 0


async def unnoticed_set_backs(judge: Judge) -> int:
    """Let disks lose what was synced and sent long ago. Returns how often box and head office notice nothing."""
    happenings = judge.past.recorded.happenings
    sent = max(mark.what.seq for mark in happenings if isinstance(mark, Mark) and isinstance(mark.what, Sent))
    unnoticed = 0
    for cut in cut_anywhere(judge.past.recorded, 30, SEED):
        if cut.moment > len(happenings) * 0.9:
            break
        lay_down(cut.picture, judge.folder)
        judge.before = Before(sent=sent)
        unnoticed += not any(problem.startswith("refused:") for problem in await judge.go_on())
    return unnoticed


async def test_a_disk_that_forgot_what_it_had_promised_is_noticed_at_the_next_contact(tmp_path: Path) -> None:
    assert await unnoticed_set_backs(await opened_judge(tmp_path)) == 0


async def test_losses_are_found_when_the_log_is_synced_only_now_and_then(tmp_path: Path) -> None:
    (tmp_path / "normal").mkdir()
    judge = await opened_judge(tmp_path, await live_a_day(tmp_path / "normal", normal))

    found = await judge.judge(judge.past.recorded, 500, SEED, go_on_every=10**9)

    print(found)
    assert found.problems["lost"] > 300
    assert found.problems["damaged"] == 0  # that is all that NORMAL costs, and it is too much


async def test_doubles_are_found_when_the_box_does_not_know_repeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = await opened_judge(tmp_path)

    def knows_nothing(tx: Transaction, key: str | None, meaning: str, now: datetime) -> bool:
        IS_FIRST(tx, key, meaning, now)
        return True

    monkeypatch.setattr(requests, "is_first", knows_nothing)
    found = await judge.judge(judge.past.recorded, 200, SEED, go_on_every=5)

    print(found)
    assert found.problems["doubled"] > 2


async def test_doubles_are_found_when_head_office_takes_everything_as_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = await opened_judge(tmp_path)

    def take_all(tx: CloudTransaction, node: Node, batch: Batch, now: datetime) -> Acknowledged:
        held = intake.held(tx, node).seq
        rows: list[dict[str, Any]] = [
            {"tenant_id": node.tenant_id, "node_id": node.id, "seq": seq, "entry": written, "hash": batch.head}
            for seq, written in enumerate(batch.entries, start=held + 1)
        ]
        tx.execute(intake.journal.insert(), [{**row, "received_at": now} for row in rows])
        intake._advance(tx, node, held + len(rows), batch.head)
        return Acknowledged(seq=batch.last_seq, head=batch.head)

    monkeypatch.setattr(intake, "take", take_all)
    found = await judge.judge(judge.past.recorded, 200, SEED, go_on_every=10)

    assert found.problems["doubled"] > 5


async def test_damage_goes_unseen_when_the_chain_is_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = await opened_judge(tmp_path)
    monkeypatch.setattr(journal, "verify", lambda _tx, _node_id: None)

    assert await unnoticed_damages(judge) == DAMAGES


async def test_a_set_back_disk_goes_unseen_when_the_chains_head_is_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = await opened_judge(tmp_path)

    def believe(tx: Transaction, answer: Acknowledged, _node_id: str) -> bool:
        tx.execute("update acknowledged set seq = ?", (answer.seq,))
        return True

    def trust(tx: CloudTransaction, node: Node, batch: Batch, now: datetime) -> Acknowledged:
        held = intake.held(tx, node)
        return held if batch.first_seq <= held.seq else TAKE(tx, node, batch, now)

    monkeypatch.setattr(journal, "acknowledge", believe)
    monkeypatch.setattr(intake, "take", trust)

    assert await unnoticed_set_backs(judge) > 5
