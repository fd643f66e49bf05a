"""The whole catalogue on its way down: in pieces, over a bad line, and believed only when it is whole and signed."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard

from edge.shop import Shop
from edge.sync.client import HeadOfficeSilent
from edge.sync.download import SnapshotDamaged, take_snapshot
from shared.protocol import snapshot
from tests.edge.small_shop import (
    BARCODES,
    SIGNING_KEY,
    UNKNOWN_ID,
    HandClock,
    assortment,
    open_small_shop,
    setting,
    snapshot_of,
)
from tests.edge.sync.conftest import MORE
from tests.edge.sync.head_office import Answer, Stage, playing, says, stranger
from tests.edge.sync.shipped import MADE_AT, manifest, packed, ships


async def fetch(shop: Shop, *answers: Answer) -> Stage:
    """Take the catalogue from a head office that answers so."""
    async with playing(*answers) as stage, stranger(stage.url) as client:
        await take_snapshot(shop, client)
    return stage


async def attempts(shop: Shop, *answers: Answer) -> list[str]:
    """Try until it is there, once for each answer. Returns the ranges that were asked for."""
    ranges = []
    async with playing(*answers) as stage, stranger(stage.url) as client:
        for number in range(len(answers)):
            is_last = number == len(answers) - 1
            try:
                await take_snapshot(shop, client)
                assert is_last
            except HeadOfficeSilent:
                assert not is_last
        ranges += [request.headers.get("Range", "") for request in stage.asked]
    return ranges


def left(shop: Shop) -> list[str]:
    """Return what lies beside the catalogue in the data folder."""
    return sorted(path.name for path in shop.catalogue.path.parent.glob("catalogue*") if ".db" not in path.name)


async def test_a_catalogue_is_taken_with_the_moment_it_was_made(shop: Shop, whole: bytes) -> None:
    await fetch(shop, ships(whole))

    assert shop.catalogue.store.name == "New shop"
    assert shop.catalogue.freshness is not None
    assert shop.catalogue.freshness.as_of == MADE_AT
    assert left(shop) == []


async def test_a_download_that_was_cut_goes_on_where_it_stopped(shop: Shop, whole: bytes) -> None:
    third = len(packed(whole)) // 3

    ranges = await attempts(shop, ships(whole, cut_after=third), ships(whole, cut_after=third), ships(whole))

    assert ranges == ["", f"bytes={third}-", f"bytes={2 * third}-"]
    assert shop.catalogue.store.name == "New shop"


async def test_it_goes_on_after_a_restart_of_the_box(tmp_path: Path, whole: bytes) -> None:
    third = len(packed(whole)) // 3
    async with open_small_shop(tmp_path / "box") as shop:
        with pytest.raises(HeadOfficeSilent):
            await fetch(shop, ships(whole, cut_after=third))
    async with open_small_shop(tmp_path / "box") as shop:
        stage = await fetch(shop, ships(whole))

        assert stage.asked[0].headers["Range"] == f"bytes={third}-"
        assert shop.catalogue.store.name == "New shop"


async def test_what_had_wholly_arrived_is_not_sent_again(shop: Shop, whole: bytes) -> None:
    part = shop.catalogue.path.parent / f"catalogue-{manifest(whole).sha256}.part"
    part.write_bytes(packed(whole))

    stage = await fetch(shop, ships(whole))

    assert [request.headers["Range"] for request in stage.asked] == [f"bytes={len(packed(whole))}-"]
    assert shop.catalogue.store.name == "New shop"


async def test_a_part_of_another_version_is_dropped(tmp_path: Path, shop: Shop, whole: bytes) -> None:
    newer = await snapshot_of(tmp_path / "newer", [setting(name="Newer shop"), *assortment()[1:], *MORE])

    await attempts(shop, ships(whole, cut_after=5_000), ships(newer))

    assert shop.catalogue.store.name == "Newer shop"
    assert left(shop) == []


async def test_a_proxy_that_knows_no_ranges_is_followed(shop: Shop, whole: bytes) -> None:
    await attempts(shop, ships(whole, cut_after=5_000), ships(whole, knows_ranges=False))

    assert shop.catalogue.store.name == "New shop"


@pytest.mark.parametrize(("status", "says_range"), [(206, "bytes 7-9/10"), (206, ""), (304, ""), (204, ""), (302, "")])
async def test_an_answer_that_fits_nothing_is_dropped_with_what_was_begun(
    shop: Shop, whole: bytes, status: int, says_range: str
) -> None:
    proof = snapshot.sign(manifest(whole), SIGNING_KEY)
    confused = says(b"", status, Content_Range=says_range, Snapshot_Manifest=proof)

    ranges = await attempts(shop, ships(whole, cut_after=5_000), confused, ships(whole))

    assert ranges == ["", "bytes=5000-", ""]
    assert shop.catalogue.store.name == "New shop"


async def test_a_part_that_a_power_cut_tore_is_noticed_and_fetched_anew(shop: Shop, whole: bytes) -> None:
    part = shop.catalogue.path.parent / f"catalogue-{manifest(whole).sha256}.part"
    part.write_bytes(b"\0" * 6_000)

    ranges = await attempts(shop, ships(whole), ships(whole))

    assert ranges == ["bytes=6000-", ""]
    assert shop.catalogue.store.name == "New shop"


def bomb() -> bytes:
    """Return 100 MB of nothing, packed into a few kilobytes."""
    return zstandard.ZstdCompressor(level=3).compress(bytes(100_000_000))


def wide(content: bytes) -> bytes:
    """Return a frame that asks its reader for 128 MB of memory."""
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    return zstandard.ZstdCompressor(compression_params=parameters).compress(content + bytes(20_000_000))


def with_a_trigger(folder: Path, content: bytes) -> bytes:
    path = folder / "hostile.db"
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as file:
        file.execute("create trigger free after insert on prices begin update prices set price_minor = 0; end")
        file.commit()
        file.execute("pragma wal_checkpoint(truncate)")
    return path.read_bytes()


def sized(body: bytes, **more: int) -> dict[str, object]:
    """Return what a manifest says that was signed for exactly this body."""
    return {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body), **more}


@pytest.mark.parametrize(
    "damage",
    [
        "key",
        "tenant",
        "store",
        "digest",
        "flipped",
        "truncated",
        "longer",
        "bomb",
        "window",
        "html",
        "schema",
        "trigger",
    ],
)
async def test_a_hostile_or_damaged_catalogue_leaves_the_old_one_and_no_litter(
    tmp_path: Path, shop: Shop, whole: bytes, damage: str
) -> None:
    body = packed(whole)
    half, torn = body[: len(body) // 2], bytearray(body)
    torn[len(body) // 2] ^= 1
    picture = b"GIF89a" * 1_000
    hostile = with_a_trigger(tmp_path, whole)
    answers = {
        "key": ships(whole, key=snapshot.new_key()),
        "tenant": ships(whole, tenant_id=UNKNOWN_ID),
        "store": ships(whole, store_id=UNKNOWN_ID),
        "digest": ships(whole, sha256="0" * 64),
        "flipped": ships(whole, body=bytes(torn)),
        "truncated": ships(whole, body=half, **sized(half)),
        "longer": ships(whole, body=body + b"!" * 1_000),
        "bomb": ships(whole, body=bomb(), **sized(bomb())),
        "window": ships(whole, body=wide(whole), **sized(wide(whole), file_size=len(whole) + 20_000_000)),
        "html": says("<html>Welcome</html>"),
        "schema": ships(picture),
        "trigger": ships(hostile),
    }
    start = shop.catalogue.cursor

    with pytest.raises(HeadOfficeSilent) as told:
        await fetch(shop, answers[damage])

    assert "Selling goes on" in told.value.hint
    assert isinstance(told.value, SnapshotDamaged) == (damage != "html")
    assert shop.catalogue.store.name == "Corner shop"
    assert shop.catalogue.scanned(BARCODES["milk"]).price_minor == 115
    assert shop.catalogue.cursor == start
    assert left(shop) == []


async def test_a_box_that_knows_no_key_waits_until_it_is_told(shop: Shop, whole: bytes) -> None:
    who = shop.identity.enrolled.model_copy(update={"signing_key": None})
    shop.identity = type(shop.identity)(who, shop.identity.key)

    with pytest.raises(HeadOfficeSilent):
        await fetch(shop, ships(whole))

    assert shop.catalogue.store.name == "Corner shop"


async def test_it_is_as_old_as_its_making_not_as_its_coming(tmp_path: Path, whole: bytes) -> None:
    clock = HandClock()
    made_at = clock.now() - timedelta(hours=3)
    async with open_small_shop(tmp_path / "box", clock) as shop:
        await fetch(shop, ships(whole, at=made_at))
        taken = shop.prices()
    async with open_small_shop(tmp_path / "box", clock) as shop:
        after_a_restart = shop.prices()

    assert (taken.as_of, taken.age_s, taken.state) == (made_at, 3 * 3600.0, "old")
    assert after_a_restart == taken


async def test_a_portals_page_costs_nothing_of_what_was_begun(shop: Shop, whole: bytes) -> None:
    ranges = await attempts(
        shop, ships(whole, cut_after=5_000), says("<html>Welcome</html>", 200, "text/html"), ships(whole)
    )

    assert ranges == ["", "bytes=5000-", "bytes=5000-"]
