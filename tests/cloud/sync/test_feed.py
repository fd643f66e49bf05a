"""The feed goes down in pages; a snapshot is the same as all its pages."""

import base64
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from shared.protocol.catalogue_file import SCHEMA, apply
from shared.protocol.feed import FEED_BYTES_MAX, FEED_ROWS_MAX, FeedPage
from tests.cloud.boxes import Box
from tests.cloud.promotions.offers import publish, written
from tests.cloud.world import Tenant, World, knock_as, open_world

HEADER = "sku,name,barcode,price,tax_class\n"
TABLES = ("products", "barcodes", "prices", "promotions", "settings", "feed")
OFFER = {"id": "P1", "name": "10 % off", "family": "easy", "reward": {"kind": "percent", "value": 1000}}


def csv(*rows: str) -> str:
    return HEADER + "".join(f"{row}\n" for row in rows)


def many(products: int) -> str:
    return csv(*(f"sku-{number},Product {number},,{number}.00,standard" for number in range(products)))


async def a_box(world: World) -> tuple[Tenant, Box]:
    tenant = await world.tenant()
    store = await tenant.open_store()
    return tenant, await tenant.enrol(store["id"])


async def page(world: World, box: Box, cursor: int = 0) -> FeedPage:
    answer = await knock_as(world, box, "GET", f"/api/feed?cursor={cursor}&wait_s=0")
    assert answer.status == 200, answer.body
    return FeedPage.model_validate_json(json.dumps(answer.body))


async def pages(world: World, box: Box, cursor: int = 0) -> list[FeedPage]:
    """Ask until there is no more."""
    found = [await page(world, box, cursor)]
    while found[-1].more:
        found.append(await page(world, box, found[-1].cursor))
    return found


async def snapshot(world: World, box: Box) -> tuple[bytes, str]:
    answer = await knock_as(world, box, "GET", "/api/feed/snapshot")
    assert answer.status == 200
    return answer.body, answer.headers["Repr-Digest"]


def tables(file: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {name: sorted(file.execute(f"select * from {name}").fetchall()) for name in TABLES}


async def test_a_long_feed_comes_in_pages_without_gaps_or_repeats(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(1_300))  # a product and a price each
        found = await pages(world, box)

    rows = [row for one in found for row in one.rows]
    assert [len(one.rows) for one in found] == [FEED_ROWS_MAX, FEED_ROWS_MAX, 602]
    assert [row.version for row in rows] == list(range(1, 2_603))
    assert found[-1].cursor == found[-1].newest == 2_602
    assert len({(row.kind, row.key) for row in rows}) == 2_602


async def test_a_node_that_has_everything_gets_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(3))
        newest = (await page(world, box)).newest
        again = await page(world, box, newest)

    assert (again.rows, again.cursor, again.more) == ((), newest, False)


async def test_only_what_changed_is_published_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(csv("tea,Tea,,1.00,standard", "mug,Mug,,5.00,standard"))
        cursor = (await page(world, box)).newest
        await tenant.import_csv(csv("tea,Tea,,1.00,standard", "mug,Mug,,5.50,standard"))
        changed = await page(world, box, cursor)

    assert [(row.kind, row.key, row.body) for row in changed.rows] == [
        ("price", "mug", {"sku": "mug", "price_minor": 550})
    ]


async def test_what_is_gone_is_told(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(csv("tea,Tea,,1.00,standard"))
        await tenant.knock("PUT", "/api/promotions", json={"promotions": [OFFER]})
        cursor = (await page(world, box)).newest
        await tenant.import_csv(csv("tea,Tea,,,standard"))
        await tenant.knock("PUT", "/api/promotions", json={"promotions": []})
        gone = await page(world, box, cursor)

    assert [(row.kind, row.key, row.gone, row.body) for row in gone.rows] == [
        ("price", "tea", True, None),
        ("promotion", "P1", True, None),
    ]


async def test_a_stores_settings_reach_that_store_only(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        other_store = await tenant.open_store(code="S2", name="Other shop")
        other = await tenant.enrol(other_store["id"], "kiosk", "S2K1")
        await tenant.import_csv(csv("tea,Tea,,1.00,standard"))
        here, there = await page(world, box), await page(world, other)
        shipped = [await snapshot(world, one) for one in (box, other)]

    def shop_names(found: FeedPage) -> list[str]:
        return [row.body["name"] for row in found.rows if row.kind == "setting" and row.body]

    assert (shop_names(here), shop_names(there)) == (["Corner shop"], ["Other shop"])
    assert [row.key for row in here.rows if row.kind == "product"] == ["tea"]
    assert (b"Other shop" in shipped[0][0], b"Other shop" in shipped[1][0]) == (False, True)


async def test_a_page_full_of_other_stores_rows_does_not_end_the_feed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        for number in range(5):
            await tenant.open_store(code=f"X{number}")
        nothing_for_it = await page(world, box, 2)
        await tenant.import_csv(csv("tea,Tea,,1.00,standard"))
        later = await page(world, box, nothing_for_it.cursor)

    assert (nothing_for_it.rows, nothing_for_it.cursor, nothing_for_it.more) == ((), 7, False)
    assert [row.kind for row in later.rows] == ["product", "price"]


async def test_a_snapshot_is_the_same_as_all_deltas_one_by_one(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        with closing(sqlite3.connect(":memory:")) as node:
            node.executescript(SCHEMA)
            cursor = 0
            for change in (
                many(1_200),
                csv("tea,Tea,4006381333931;96385074,1.00,standard", "mug,Mug,96385074,5.00,standard"),
                csv("tea,Green tea,96385074,,standard", "sku-7,Seven,,7.77,standard"),
                csv('"=1+1","=HYPERLINK(""x"")",,1.00,zero', "sku-8,Γάλα 牛乳 🥛,,8.00,reduced"),
            ):
                await tenant.import_csv(change)
                await tenant.knock("PUT", "/api/promotions", json={"promotions": [{**OFFER, "name": change[-20:-1]}]})
                for one in await pages(world, box, cursor):
                    for row in one.rows:
                        apply(node, [row], row.version)
                    apply(node, [], one.cursor, one.head)
                    cursor = one.cursor
            by_deltas = tables(node)
        content, _ = await snapshot(world, box)
    (tmp_path / "shipped.db").write_bytes(content)
    with closing(sqlite3.connect(tmp_path / "shipped.db")) as shipped:
        by_snapshot = tables(shipped)
        sound = shipped.execute("pragma integrity_check").fetchone()

    assert sound == ("ok",)
    assert by_snapshot == by_deltas
    assert len(by_snapshot["products"]) == 1_203
    assert len(by_snapshot["prices"]) == 1_202


async def test_a_snapshot_comes_with_its_digest(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        content, digest = await snapshot(world, box)

    assert digest == f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


async def test_a_snapshot_is_made_anew_only_when_the_feed_moved(tmp_path: Path) -> None:
    def made() -> list[tuple[str, int]]:
        return [(file.name, file.stat().st_mtime_ns) for file in (tmp_path / "snapshots").iterdir()]

    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await snapshot(world, box)
        first = made()
        await snapshot(world, box)
        second = made()
        await tenant.import_csv(csv("tea,Tea,,1.00,standard"))
        await snapshot(world, box)
        third = made()

    assert first == second
    assert [name for name, _ in first] == [f"{box.store_id}-2.db.zst"]
    assert sorted(name for name, _ in third) == [f"{box.store_id}-2.db.zst", f"{box.store_id}-4.db.zst"]


async def test_large_rows_come_in_small_pages(tmp_path: Path) -> None:
    skus = [f"{number:05}{'x' * 40}" for number in range(8_000)]
    offers = [{**OFFER, "id": f"P{number}", "target": {"skus": skus}} for number in range(4)]
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await written(tenant, *offers)
        await publish(tenant)
        found = await pages(world, box)

    sizes = [sum(len(json.dumps(row.body)) for row in one.rows) for one in found]
    assert len(found) > 2
    assert max(sizes) < FEED_BYTES_MAX + 500_000
    promotions = [row.key for one in found for row in one.rows if row.kind == "promotion"]
    assert promotions == [f"P{number}" for number in range(4)]
