"""Old entries are forgotten: only what head office holds, a closing covers, and nobody may ask for any more."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from edge import journal
from edge.archive.worker import close_old_day, forget_old, keep_tidy
from edge.journal import EntriesForgotten
from edge.shop import Shop
from shared.protocol import entry, journal_file
from shared.protocol.batch import Acknowledged
from tests.edge.archive.test_journal_file import lines_of
from tests.edge.days.test_days import close, read_day
from tests.edge.small_shop import NODE_ID, HandClock, Till, open_small_shop, open_till


async def acknowledge_all(shop: Shop) -> Acknowledged:
    seq, head = await shop.db.transact(journal.head, NODE_ID)
    answer = Acknowledged(seq=seq, head=head.hex())
    assert await shop.db.transact(journal.acknowledge, answer, NODE_ID)
    return answer


async def kept(shop: Shop) -> list[int]:
    return [seq for seq, _ in await shop.db.transact(journal.entries_after, 0, 1_000)]


async def sell_and_close(till: Till) -> None:
    await till.sell("milk")
    await close(till)
    await acknowledge_all(till.shop)


@pytest.fixture
async def old(till: Till, clock: HandClock) -> Till:
    """A shop that sold and closed 31 days ago: entries 1 to 3, a closing of the first two."""
    await sell_and_close(till)
    clock.at += timedelta(days=31)
    return till


async def test_what_is_old_and_delivered_and_closed_is_forgotten(old: Till) -> None:
    assert await forget_old(old.shop) == 2
    assert await kept(old.shop) == [3]


async def test_what_head_office_does_not_hold_is_kept_for_ever(old: Till) -> None:
    genesis = Acknowledged(seq=0, head=entry.genesis(NODE_ID).hex())
    await old.shop.db.transact(journal.acknowledge, genesis, NODE_ID)

    assert await forget_old(old.shop) == 0


async def test_what_no_closing_covers_is_kept(till: Till, clock: HandClock) -> None:
    await till.sell("milk")
    await acknowledge_all(till.shop)
    clock.at += timedelta(days=31)

    assert await forget_old(till.shop) == 0


async def test_what_is_young_is_kept(till: Till, clock: HandClock) -> None:
    await sell_and_close(till)
    clock.at += timedelta(days=29)

    assert await forget_old(till.shop) == 0


async def test_the_journal_goes_on_behind_what_was_forgotten(old: Till) -> None:
    await forget_old(old.shop)
    await old.sell("tea")
    await old.shop.db.transact(journal.verify, NODE_ID)

    assert await kept(old.shop) == [3, 4]
    assert (await read_day(old))["figures"]["orders"] == 1


async def test_an_empty_journal_goes_on_too(old: Till, clock: HandClock) -> None:
    assert await old.shop.db.transact(journal.forget, clock.now(), 3, 100) == 3

    await old.sell("milk")
    await old.shop.db.transact(journal.verify, NODE_ID)

    assert await kept(old.shop) == [4]


async def test_an_export_begins_behind_it_and_is_whole(old: Till) -> None:
    await forget_old(old.shop)
    await old.sell("tea")

    verified = journal_file.verify(await lines_of(old))

    assert (verified.opening.after_seq, verified.last_seq) == (2, 4)


async def test_a_head_office_that_was_set_back_within_a_month_is_refilled(old: Till) -> None:
    hashes = dict(await old.shop.db.transact(lambda tx: tx.rows("select seq, hash from journal")))
    await forget_old(old.shop)

    back = Acknowledged(seq=2, head=hashes[2].hex())

    assert await old.shop.db.transact(journal.acknowledge, back, NODE_ID)
    assert [seq for seq, _, _ in await old.shop.db.transact(journal.unsent)] == [3]


async def test_a_head_office_that_was_set_back_further_is_told_what_is_lost(old: Till) -> None:
    await forget_old(old.shop)

    with pytest.raises(EntriesForgotten, match="1 to 2"):
        await old.shop.db.transact(journal.acknowledge, Acknowledged(seq=0, head=entry.genesis(NODE_ID).hex()), NODE_ID)


async def test_a_day_that_nobody_closes_is_closed_when_its_entries_are_old(till: Till, clock: HandClock) -> None:
    await till.sell("milk")
    clock.at += timedelta(days=30)
    till.shop.clock.hear(clock.now())
    too_early = await close_old_day(till.shop)
    clock.passed_s += 24 * 3600

    assert (too_early, await close_old_day(till.shop), await close_old_day(till.shop)) == (False, True, False)


async def test_a_box_without_staff_closes_each_day_when_it_is_over(tmp_path: Path) -> None:
    clock = HandClock()
    async with open_small_shop(tmp_path, clock, closes_days=True) as shop, open_till(shop) as till:
        await till.sell("milk")
        same_day = await close_old_day(shop)
        clock.at += timedelta(days=1)
        next_day = await close_old_day(shop)
        again = await close_old_day(shop)

    assert (same_day, next_day, again) == (False, True, False)


async def test_a_clock_that_nobody_confirmed_closes_and_forgets_nothing(old: Till, clock: HandClock) -> None:
    await old.sell("milk")
    clock.at += timedelta(days=400)
    tidying = asyncio.create_task(keep_tidy(old.shop))
    await asyncio.sleep(0.1)
    tidying.cancel()
    await asyncio.gather(tidying, return_exceptions=True)

    assert await kept(old.shop) == [1, 2, 3, 4]


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_entries_that_a_wrong_clock_dated_years_ahead_are_forgotten_with_those_behind_them(
    old: Till, limit: int
) -> None:
    await old.sell("tea")
    await close(old)
    await acknowledge_all(old.shop)
    ahead = (old.shop.clock.now() + timedelta(days=3_650)).isoformat()
    await old.shop.db.transact(lambda tx: tx.execute("update journal set at = ? where seq = 1", (ahead,)))
    before = old.shop.clock.now() - timedelta(days=30)
    gone = [await old.shop.db.transact(journal.forget, before, 5, limit) for _ in range(3)]

    assert sum(gone) == 2 + 1  # the closing of then is as old; what was sold today is not
    assert (await kept(old.shop))[0] == 4


async def test_entries_dated_years_ahead_are_kept_as_long_as_no_later_one_is_old(till: Till) -> None:
    await sell_and_close(till)
    ahead = (till.shop.clock.now() + timedelta(days=3_650)).isoformat()
    await till.shop.db.transact(lambda tx: tx.execute("update journal set at = ? where seq = 1", (ahead,)))

    assert await till.shop.db.transact(journal.forget, till.shop.clock.now() - timedelta(days=30), 3, 1) == 0


async def test_the_backlog_is_what_was_not_acknowledged(till: Till, clock: HandClock) -> None:
    nothing = await till.shop.db.transact(journal.backlog)
    await till.sell("milk")
    await acknowledge_all(till.shop)
    since = clock.now()
    await till.sell("milk")
    clock.at += timedelta(hours=1)
    await till.sell("milk")
    left = await till.shop.db.transact(journal.backlog)
    await acknowledge_all(till.shop)
    await till.shop.db.transact(lambda tx: tx.execute("delete from journal"))
    none_kept = await till.shop.db.transact(journal.backlog)

    assert nothing.unsent == 1  # that the daemon started
    assert (left.unsent, left.oldest_unsent_at) == (2, since)
    assert (none_kept.unsent, none_kept.oldest_unsent_at) == (0, None)
