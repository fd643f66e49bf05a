"""The feed on its way down: whole or not at all, and what cannot be trusted changes nothing."""

import asyncio
import json
import resource
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from edge.catalogue.models import CatalogueNotKept
from edge.shop import Shop
from edge.sync.client import HeadOfficeRefused, HeadOfficeSilent, Told
from edge.sync.pull import PAGES_MAX, pull_all, tell_left_out
from edge.sync.push import take_time
from shared.errors import ShopwrightError
from shared.events.nodes import PromotionsLeftOut
from shared.protocol import entry, snapshot
from shared.protocol.feed import SNAPSHOT_BEYOND_ROWS, FeedPage
from tests.edge.small_shop import (
    DRINKS,
    MUGS,
    HandClock,
    Thing,
    assortment,
    feed_rows,
    open_small_shop,
    price,
    product,
    promotion,
    publish,
    setting,
    snapshot_of,
)
from tests.edge.sync.head_office import Answer, playing, says, stranger
from tests.edge.sync.shipped import ships


def page(*things: Thing, newer_than: int, more: bool = False, newest: int | None = None) -> Answer:
    rows = tuple(feed_rows(list(things), newer_than))
    cursor = newer_than + len(rows)
    return says(FeedPage(rows=rows, cursor=cursor, more=more, newest=newest or cursor).model_dump_json())


async def pulled(shop: Shop, *answers: Answer) -> list[str]:
    """Pull from a head office that answers so; returns what it was asked."""
    async with playing(*answers) as stage, stranger(stage.url) as client:
        await pull_all(shop, client)
    return [request.path_qs.removesuffix("&wait_s=0.0") for request in stage.asked]


async def test_pages_are_read_to_the_end(shop: Shop) -> None:
    start = shop.catalogue.cursor
    first = page(price("milk", 120), price("tea", 350), newer_than=start, more=True, newest=start + 3)

    asked = await pulled(shop, first, page(price("soap", 210), newer_than=start + 2))

    assert asked == [f"/api/feed?cursor={start}", f"/api/feed?cursor={start + 2}"]
    assert [shop.catalogue.picked(sku).price_minor for sku in ("milk", "tea", "soap")] == [120, 350, 210]
    assert shop.catalogue.cursor == start + 3


async def test_one_that_is_far_behind_takes_the_whole_catalogue(tmp_path: Path, shop: Shop) -> None:
    start = shop.catalogue.cursor
    whole = await snapshot_of(tmp_path / "office", [setting(name="New shop"), *assortment()[1:], price("milk", 7)])
    far = page(price("milk", 1), newer_than=start, more=True, newest=start + SNAPSHOT_BEYOND_ROWS + 1)
    end = len(assortment()) + 1

    asked = await pulled(shop, far, ships(whole), page(newer_than=end))

    assert asked == [f"/api/feed?cursor={start}", "/api/feed/snapshot", f"/api/feed?cursor={end}"]
    assert shop.catalogue.store.name == "New shop"
    assert shop.catalogue.picked("milk").price_minor == 7


async def test_one_that_is_near_reads_rows_instead(shop: Shop) -> None:
    start = shop.catalogue.cursor
    near = page(price("milk", 1), newer_than=start, more=True, newest=start + SNAPSHOT_BEYOND_ROWS)

    asked = await pulled(shop, near, page(newer_than=start + 1))

    assert "/api/feed/snapshot" not in asked


async def test_a_part_of_a_whole_catalogue_that_rows_made_needless_is_removed(shop: Shop) -> None:
    part = shop.catalogue.path.parent / f"catalogue-{'a' * 64}.part"
    part.write_bytes(b"begun")

    await pulled(shop, page(price("milk", 120), newer_than=shop.catalogue.cursor))

    assert not part.exists()


async def test_a_box_that_cannot_read_its_settings_takes_the_whole_catalogue_though_nothing_is_new(
    tmp_path: Path,
) -> None:
    end, whole = len(assortment()), await snapshot_of(tmp_path / "office", assortment())
    async with open_small_shop(tmp_path / "box"):
        pass
    with closing(sqlite3.connect(tmp_path / "box" / "catalogue.db")) as file:
        file.execute("update settings set body = '{}'")
        file.commit()
    async with open_small_shop(tmp_path / "box") as shop:
        was_ready = shop.catalogue.is_ready
        asked = await pulled(shop, page(newer_than=end), ships(whole), page(newer_than=end))

        assert not was_ready
        assert asked[:2] == [f"/api/feed?cursor={end}", "/api/feed/snapshot"]
        assert shop.catalogue.picked("milk").price_minor == 115


async def test_a_head_office_that_counts_anew_is_followed(tmp_path: Path, shop: Shop) -> None:
    whole = await snapshot_of(tmp_path / "office", [setting(), *assortment()[1:5]])

    asked = await pulled(shop, page(newer_than=0, newest=5), ships(whole), page(newer_than=5))

    assert asked[1:] == ["/api/feed/snapshot", "/api/feed?cursor=5"]
    assert shop.catalogue.cursor == 5


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says("", 500), HeadOfficeSilent),
        (says('{"rows": "all of them"}'), HeadOfficeSilent),
        (says('{"rows": [{"version": 0}], "cursor": 1, "more": false, "newest": 1}'), HeadOfficeSilent),
        (says('{"title": "No.", "hint": "Go.", "code": "denied"}', 403), HeadOfficeRefused),
    ],
)
async def test_a_feed_that_says_nothing_useful_changes_nothing(
    shop: Shop, answer: Answer, error: type[ShopwrightError]
) -> None:
    start = shop.catalogue.cursor

    with pytest.raises(error):
        await pulled(shop, answer)

    assert shop.catalogue.cursor == start
    assert shop.catalogue.picked("milk").price_minor == 115


async def test_what_this_version_cannot_read_is_left_out_and_told_once_by_name(shop: Shop) -> None:
    newer = {**DRINKS, "id": "P7", "family": "unheard_of"}
    await publish(shop.catalogue, promotion(newer), promotion({**MUGS, "id": "P8", "colour": "red"}))
    for _ in range(2):
        await tell_left_out(shop)
    first = await told(shop)
    await publish(shop.catalogue, promotion({**newer, "family": "easy"}), ("promotion", "P8", None))
    await tell_left_out(shop)
    last = await told(shop)

    assert [[one.promotion_id for one in fact.left_out] for fact in first] == [["P7", "P8"]]
    assert "unheard_of" in first[0].left_out[0].problem
    assert "colour" in first[0].left_out[1].problem
    assert [fact.left_out for fact in last[1:]] == [()]
    assert last[1].pack_version == shop.catalogue.pack.version


async def told(shop: Shop) -> list[PromotionsLeftOut]:
    rows = await shop.db.transact(lambda tx: tx.rows("select entry from journal order by seq"))
    facts = [entry.fact_of(entry.read(bytes(row).decode())) for (row,) in rows]
    return [fact for fact in facts if isinstance(fact, PromotionsLeftOut)]


def raw(rows: list[tuple[int, str, str]], cursor: int, *, more: bool = False, newest: int = 10**6) -> Answer:
    """Answer a page with (version, kind, key) as they are, sensible or not."""
    written = [
        {"version": version, "kind": kind, "key": key, "body": {"sku": key, "price_minor": version}}
        for version, kind, key in rows
    ]
    return says(json.dumps({"rows": written, "cursor": cursor, "more": more, "newest": newest}))


@pytest.mark.parametrize(
    ("rows", "cursor", "more"),
    [
        ([(2, "price", "milk"), (1, "price", "tea")], 2, False),  # shuffled
        ([(1, "price", "milk"), (1, "price", "milk")], 1, False),  # twice
        ([(5, "price", "milk")], 4, False),  # beyond its own cursor
        ([], 0, True),  # more, but it stands still
        ([], 10, False),  # beyond its own newest
    ],
)
async def test_a_page_that_does_not_go_on_from_the_cursor_changes_nothing(
    shop: Shop, rows: list[tuple[int, str, str]], cursor: int, more: bool
) -> None:
    start = shop.catalogue.cursor
    behind = [(start + version, kind, key) for version, kind, key in rows]

    with pytest.raises(HeadOfficeSilent):
        await pulled(shop, raw(behind, start + cursor, more=more, newest=start + 7))

    assert shop.catalogue.cursor == start
    assert shop.catalogue.picked("milk").price_minor == 115


async def test_pages_that_never_end_are_given_up_for_a_while(shop: Shop) -> None:
    start = shop.catalogue.cursor

    async def another(request: web.Request) -> web.StreamResponse:
        cursor = int(request.query["cursor"])
        row = [(cursor + 1, "price", "milk")]
        return await raw(row, cursor + 1, more=True, newest=cursor + 2)(request)

    with pytest.raises(HeadOfficeSilent, match="does not end"):
        await pulled(shop, another)

    assert shop.catalogue.cursor == start + PAGES_MAX
    assert shop.catalogue.picked("milk").price_minor == start + PAGES_MAX


async def test_a_head_office_whose_catalogue_does_not_fit_its_feed_is_not_asked_for_it_for_ever(
    tmp_path: Path, shop: Shop
) -> None:
    whole = await snapshot_of(tmp_path / "office", [setting(), *assortment()[1:5]])
    answers = [page(newer_than=0, newest=1), ships(whole)] * 2

    with pytest.raises(HeadOfficeSilent, match="does not fit"):
        await pulled(shop, *answers)


async def test_rows_of_unknown_kinds_and_new_fields_are_passed_over(shop: Shop) -> None:
    start = shop.catalogue.cursor
    body = json.dumps(
        {
            "rows": [
                {"version": start + 1, "kind": "hologram", "key": "x" * 200, "body": {"any": ["thing", None]}},
                {"version": start + 2, "kind": "price", "key": "milk", "body": {"sku": "milk", "price_minor": 7}},
            ],
            "cursor": start + 2,
            "more": False,
            "newest": start + 2,
            "weather": "fine",
        }
    )

    await pulled(shop, says(body))

    assert shop.catalogue.picked("milk").price_minor == 7
    assert shop.catalogue.cursor == start + 2


def end(at: datetime, cursor: int, signing_key: str | None = None) -> Answer:
    found = FeedPage(rows=(), cursor=cursor, more=False, newest=cursor, at=at, signing_key=signing_key)
    return says(found.model_dump_json())


NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def test_prices_are_as_fresh_as_the_last_word_from_the_feeds_end(shop: Shop, clock: HandClock) -> None:
    await pulled(shop, end(NOON, shop.catalogue.cursor))
    fresh = shop.prices()
    clock.passed_s += 1_200
    later = shop.prices()
    clock.passed_s += 3_600
    old = shop.prices()

    assert (fresh.as_of, fresh.age_s, fresh.state) == (NOON, 0.0, "fresh")
    assert (later.as_of, later.age_s, later.state) == (NOON, 1_200.0, "fresh")
    assert (old.age_s, old.state) == (4_800.0, "old")


@pytest.mark.parametrize("wrong", [timedelta(days=-9_000), timedelta(hours=-5), timedelta(), timedelta(days=400)])
async def test_a_wrong_clock_makes_prices_neither_younger_nor_older(tmp_path: Path, wrong: timedelta) -> None:
    clock = HandClock(NOON + wrong)
    async with open_small_shop(tmp_path, clock) as shop:
        await pulled(shop, end(NOON, shop.catalogue.cursor))  # before the journal's answer sets the clock right
        await take_time(shop, Told(NOON, clock.monotonic_s()))
        clock.passed_s += 60
        while_running = shop.prices()
        clock.at += timedelta(days=30)  # somebody sets it
        after_it_was_set = shop.prices()
        clock.at -= timedelta(days=30)
    async with open_small_shop(tmp_path, clock) as shop:
        clock.passed_s += 60
        after_a_restart = shop.prices()

    assert while_running == after_it_was_set
    assert (while_running.as_of, while_running.age_s) == (NOON, 60.0)
    assert (after_a_restart.as_of, after_a_restart.age_s) == (NOON, 120.0)


async def test_a_box_that_lost_its_clock_says_that_it_cannot_tell(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop:
        await pulled(shop, end(NOON, shop.catalogue.cursor))
    async with open_small_shop(tmp_path, HandClock(datetime(1970, 1, 1, tzinfo=UTC))) as shop:
        prices = shop.prices()

    assert (prices.as_of, prices.age_s, prices.state) == (NOON, None, "unknown")


async def test_a_box_that_heard_nothing_of_the_end_says_so(shop: Shop) -> None:
    start = shop.catalogue.cursor

    with pytest.raises(HeadOfficeSilent):
        await pulled(shop, page(price("milk", 120), newer_than=start, more=True, newest=start + 2), says("", 500))

    assert shop.catalogue.picked("milk").price_minor == 120
    assert shop.prices().as_of is None


async def test_an_older_box_takes_the_first_signing_key_that_it_is_told_and_no_other(tmp_path: Path) -> None:
    first, second = (snapshot.public_half(snapshot.new_key()) for _ in range(2))
    async with open_small_shop(tmp_path) as shop:
        await shop.db.transact(lambda tx: tx.execute("update identity set signing_key = null").close())
    async with open_small_shop(tmp_path) as shop:
        before = shop.identity.signing_key
        for key in (first, second):
            await pulled(shop, end(NOON, shop.catalogue.cursor, key))
        told = shop.identity.signing_key
    async with open_small_shop(tmp_path) as shop:
        kept = shop.identity.signing_key

    assert (before, told, kept) == (None, first, first)


async def test_an_older_head_office_that_lets_nobody_wait_is_followed_all_the_same(shop: Shop) -> None:
    start = shop.catalogue.cursor
    refused = says('{"title": "No.", "hint": "Look.", "code": "bad-request"}', 400)

    asked = await pulled(shop, refused, page(price("milk", 130), newer_than=start))

    assert asked == [f"/api/feed?cursor={start}"] * 2
    assert shop.catalogue.picked("milk").price_minor == 130


async def test_nobody_waits_on_a_line_that_was_found_to_be_cut(shop: Shop) -> None:
    shop.line.online = True

    async def never(request: web.Request) -> web.StreamResponse:
        shop.line.online = False  # as push finds out
        await asyncio.sleep(5)
        return web.Response()

    async with playing(never) as stage, stranger(stage.url) as client, asyncio.timeout(3):
        with pytest.raises(HeadOfficeSilent, match="line was lost"):
            await pull_all(shop, client, 20.0)


async def test_a_page_that_cannot_be_kept_leaves_rows_and_cursor_as_they_were(shop: Shop) -> None:
    start = shop.catalogue.cursor
    taken = (shop.catalogue.path).stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (taken + 8_192, before[1]))
    try:
        with pytest.raises(CatalogueNotKept):
            await pulled(shop, page(*(product(f"sku-{number}", "x" * 200) for number in range(900)), newer_than=start))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert shop.catalogue.cursor == start
    assert shop.catalogue.picked("milk").price_minor == 115
