"""The feed on its way down: whole or not at all, and what cannot be trusted changes nothing."""

import base64
import hashlib
from pathlib import Path

import pytest

from edge.shop import Shop
from edge.sync.client import HeadOfficeRefused, HeadOfficeSilent
from edge.sync.pull import SNAPSHOT_BEYOND_ROWS, pull_all, tell_left_out
from shared.errors import ShopwrightError
from shared.events.nodes import PromotionsLeftOut
from shared.protocol import entry
from shared.protocol.feed import FeedPage
from tests.edge.small_shop import (
    BARCODES,
    DRINKS,
    MUGS,
    Thing,
    assortment,
    feed_rows,
    price,
    promotion,
    publish,
    setting,
    snapshot_of,
)
from tests.edge.sync.head_office import Answer, playing, says, stranger


def page(*things: Thing, newer_than: int, more: bool = False, newest: int | None = None) -> Answer:
    rows = tuple(feed_rows(list(things), newer_than))
    cursor = newer_than + len(rows)
    return says(FeedPage(rows=rows, cursor=cursor, more=more, newest=newest or cursor).model_dump_json())


def file(content: bytes, claimed: bytes | None = None) -> Answer:
    digest = base64.b64encode(hashlib.sha256(content if claimed is None else claimed).digest()).decode()
    return says(content, content_type="application/vnd.sqlite3", Repr_Digest=f"sha-256=:{digest}:")


async def pulled(shop: Shop, *answers: Answer) -> list[str]:
    """Pull from a head office that answers so; returns what it was asked."""
    async with playing(*answers) as stage, stranger(stage.url) as client:
        await pull_all(shop.catalogue, client)
    return [request.path_qs for request in stage.asked]


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

    asked = await pulled(shop, far, file(whole), page(newer_than=end))

    assert asked == [f"/api/feed?cursor={start}", "/api/feed/snapshot", f"/api/feed?cursor={end}"]
    assert shop.catalogue.store.name == "New shop"
    assert shop.catalogue.picked("milk").price_minor == 7


async def test_one_that_is_near_reads_rows_instead(shop: Shop) -> None:
    start = shop.catalogue.cursor
    near = page(price("milk", 1), newer_than=start, more=True, newest=start + SNAPSHOT_BEYOND_ROWS)

    asked = await pulled(shop, near, page(newer_than=start + 1))

    assert "/api/feed/snapshot" not in asked


async def test_a_head_office_that_counts_anew_is_followed(tmp_path: Path, shop: Shop) -> None:
    whole = await snapshot_of(tmp_path / "office", [setting(), *assortment()[1:5]])

    asked = await pulled(shop, page(newer_than=0, newest=5), file(whole), page(newer_than=5))

    assert asked[1:] == ["/api/feed/snapshot", "/api/feed?cursor=5"]
    assert shop.catalogue.cursor == 5


@pytest.mark.parametrize("damage", ["digest", "none", "html", "other file", "half"])
async def test_a_catalogue_that_arrived_damaged_leaves_the_old_one(tmp_path: Path, shop: Shop, damage: str) -> None:
    whole = await snapshot_of(tmp_path / "office", [setting(name="New shop")])
    answers = {
        "digest": file(whole[:-1] + b"!", claimed=whole),
        "none": says(whole),
        "html": says("<html>Welcome</html>"),
        "other file": file(b"GIF89a" * 1000),
        "half": file(whole[: len(whole) // 2], claimed=whole),
    }
    start = shop.catalogue.cursor

    with pytest.raises(HeadOfficeSilent):
        await pulled(shop, page(newer_than=0, newest=1), answers[damage])

    assert shop.catalogue.store.name == "Corner shop"
    assert shop.catalogue.scanned(BARCODES["milk"]).price_minor == 115
    assert shop.catalogue.cursor == start


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
