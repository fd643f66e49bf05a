"""A box that got new software has everything that its old software had or passed over, and sells in the meantime."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.sync.client import HeadOfficeSilent
from shared.protocol import catalogue_file
from shared.protocol.feed import SNAPSHOT_BEYOND_ROWS
from tests.edge.small_shop import (
    NODE_ID,
    Thing,
    assortment,
    open_small_shop,
    open_till,
    price,
    publish,
    setting,
    snapshot_of,
)
from tests.edge.sync.shipped import ships
from tests.edge.sync.test_pull import page, pulled

NODE: Thing = ("node", NODE_ID, {"id": NODE_ID, "name": "kiosk", "public_key": "ab" * 32})
EVERYTHING = [*assortment(), NODE]
END = len(EVERYTHING)


# What the first version wrote, as it wrote it.
FIRST_FILE = """
create table products (sku text primary key, name text not null, body text not null) strict;
create table barcodes (code text not null, sku text not null, primary key (code, sku)) strict, without rowid;
create index barcodes_by_sku on barcodes (sku);
create index products_by_name on products (name, sku);
create table prices (sku text primary key, price_minor integer not null) strict;
create table promotions (id text primary key, body text not null) strict;
create table settings (key text primary key, body text not null) strict;
create table feed (cursor integer not null) strict;
insert into feed values (0);
"""


def as_the_first_version_left_it(path: Path) -> None:
    """Write the catalogue of a box of the first version that has everything."""
    tables = {"price": "prices", "promotion": "promotions", "setting": "settings"}
    path.unlink()
    with closing(sqlite3.connect(path)) as file:
        file.executescript(FIRST_FILE)
        for kind, key, body in assortment():
            assert body is not None
            if kind == "product":
                file.execute("insert into products values (?, ?, ?)", (key, body["name"], json.dumps(body)))
                file.executemany("insert into barcodes values (?, ?)", [(code, key) for code in body["barcodes"]])
            else:
                value = body["price_minor"] if kind == "price" else json.dumps(body)
                file.execute(f"insert into {tables[kind]} values (?, ?)", (key, value))
        file.execute("update feed set cursor = ?", (len(assortment()),))
        file.commit()


async def test_a_box_of_the_first_version_sells_without_a_line_and_is_sent_what_came_since(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path):
        pass
    as_the_first_version_left_it(tmp_path / "catalogue.db")
    floor: Thing = ("price", "milk", {"sku": "milk", "price_minor": 115, "floor_price_minor": 100})
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        order = await till.sell("milk")
        names = [promotion.name for promotion in shop.catalogue.pack.promotions]
        end = shop.catalogue.cursor
        asked = await pulled(shop, page(newer_than=end), page(*EVERYTHING, floor, newer_than=0))

        assert order["total_minor"] == 115
        assert names == ["Mugs: 3 for 2", "10 % off drinks"]
        assert asked == [f"/api/feed?cursor={len(assortment())}", "/api/feed?cursor=0"]
        assert shop.catalogue.picked("milk").floor_price_minor == 100
        assert list(shop.catalogue.neighbours) == [NODE_ID]


async def sold_by_an_older_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a box whose software did not know of nodes when the feed told it of one."""
    with monkeypatch.context() as older:
        older.delitem(catalogue_file.WRITERS, "node")
        async with open_small_shop(folder) as shop:
            await publish(shop.catalogue, NODE)


async def test_what_an_older_version_passed_over_is_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await sold_by_an_older_version(tmp_path, monkeypatch)
    async with open_small_shop(tmp_path) as shop:
        offline = shop.catalogue.picked("milk").price_minor
        asked = await pulled(shop, page(newer_than=END), page(*EVERYTHING, newer_than=0))

        assert offline == 115
        assert asked == [f"/api/feed?cursor={END}", "/api/feed?cursor=0"]
        assert list(shop.catalogue.neighbours) == [NODE_ID]
        assert shop.catalogue.cursor == END


async def test_it_is_sent_again_once_and_not_at_every_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await sold_by_an_older_version(tmp_path, monkeypatch)
    hologram: Thing = ("hologram", "x", {"any": "thing"})  # this version knows no such thing either
    starts = []
    for _ in range(3):
        async with open_small_shop(tmp_path) as shop:
            end = shop.catalogue.cursor
            starts.append(len(await pulled(shop, page(newer_than=end), page(*EVERYTHING, hologram, newer_than=0))))

    assert starts == [2, 1, 1]


async def test_a_restart_in_the_middle_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await sold_by_an_older_version(tmp_path, monkeypatch)
    first = page(*EVERYTHING[:3], newer_than=0, more=True, newest=END)
    async with open_small_shop(tmp_path) as shop:
        with pytest.raises(HeadOfficeSilent):
            await pulled(shop, page(newer_than=END), first, first)
    async with open_small_shop(tmp_path) as shop:
        sold_for = shop.catalogue.picked("milk").price_minor
        asked = await pulled(shop, page(*EVERYTHING[3:], newer_than=3))

        assert sold_for == 115
        assert asked == ["/api/feed?cursor=3"]
        assert list(shop.catalogue.neighbours) == [NODE_ID]


async def test_a_row_that_this_version_could_not_read_comes_again_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_small_shop(tmp_path) as shop:
        await publish(shop.catalogue, ("price", "milk", {"sku": "milk", "price_minor": "a hundred"}))
        passed_over = shop.catalogue.picked("milk").price_minor
        end = shop.catalogue.cursor
    monkeypatch.setitem(catalogue_file.WRITERS, "hologram", catalogue_file.WRITERS["node"])  # it knows more
    async with open_small_shop(tmp_path) as shop:
        asked = await pulled(shop, page(newer_than=end), page(*assortment(), price("milk", 100), newer_than=0))

        assert (passed_over, shop.catalogue.picked("milk").price_minor) == (115, 100)
        assert len(asked) == 2


async def test_a_box_that_could_not_note_what_it_passed_over_is_sent_everything(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "catalogue.db")) as file:
        file.executescript("drop table passed_over")
    async with open_small_shop(tmp_path) as shop:
        end = shop.catalogue.cursor
        asked = await pulled(shop, page(newer_than=end), page(*EVERYTHING, newer_than=0))

        assert asked == [f"/api/feed?cursor={end}", "/api/feed?cursor=0"]
        assert list(shop.catalogue.neighbours) == [NODE_ID]


async def test_a_whole_catalogue_of_an_older_head_office_is_taken_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sold_by_an_older_version(tmp_path, monkeypatch)
    await snapshot_of(tmp_path / "office", [setting(name="New shop"), *EVERYTHING[1:]])
    with closing(sqlite3.connect(tmp_path / "office" / "catalogue.db")) as file:
        file.executescript("drop table passed_over")  # it was never told what that is
        file.execute("pragma wal_checkpoint(truncate)")
    whole = (tmp_path / "office" / "catalogue.db").read_bytes()
    far = page(price("milk", 1), newer_than=0, more=True, newest=SNAPSHOT_BEYOND_ROWS + 1)
    async with open_small_shop(tmp_path) as shop:
        asked = await pulled(shop, page(newer_than=END), far, ships(whole), page(newer_than=END))
    async with open_small_shop(tmp_path) as shop:
        asked += await pulled(shop, page(newer_than=END))

        assert [path.removeprefix("/api/feed") for path in asked] == [
            f"?cursor={END}", "?cursor=0", "/snapshot", f"?cursor={END}", f"?cursor={END}"
        ]  # fmt: skip
        assert (shop.catalogue.store.name, list(shop.catalogue.neighbours)) == ("New shop", [NODE_ID])


async def test_a_box_with_prices_of_a_lost_past_does_not_keep_them_through_an_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sold_by_an_older_version(tmp_path / "box", monkeypatch)
    whole = await snapshot_of(tmp_path / "office", [setting(), *assortment()[1:5]])
    async with open_small_shop(tmp_path / "box") as shop:
        asked = await pulled(shop, page(newer_than=0, newest=5), ships(whole), page(newer_than=5))

        assert asked == [f"/api/feed?cursor={END}", "/api/feed/snapshot", "/api/feed?cursor=5"]
        assert shop.catalogue.cursor == 5
