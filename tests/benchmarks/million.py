"""A large shop's catalogue, the same in every run: as values, as what head office published, and as bare SQLite."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import zstandard

from cloud import app as _every_table  # noqa: F401  the migrations need what all features have
from cloud.database import Database
from shared import ids
from shared.barcodes import check_digit
from shared.protocol.catalogue_file import INDEXES, TABLES
from shared.protocol.feed import FeedRow, text_of
from shared.protocol.snapshot import LEVEL
from tests.benchmarks.catalogue import GIVEN_OUT
from tests.builders import store

PRODUCTS = 1_000_000
TENANT, STORE, NODE = (f"0190a000-0000-7000-8000-00000000000{digit}" for digit in "123")


class Values(NamedTuple):
    """One product and its price, ready to be written."""

    sku: str
    name: str
    body: str  # JSON
    barcode: str
    price_minor: int

    @property
    def price_body(self) -> str:
        return text_of({"sku": self.sku, "price_minor": self.price_minor})


def values(numbers: range, seed: int = 1) -> Iterator[Values]:
    chance = ids.seeded(seed)
    for number in numbers:
        digits = f"{GIVEN_OUT}{number:011d}"
        sku, name, code = (
            f"SKU-{number:07d}",
            f"Product number {number} of the large shop",
            f"0{digits}{check_digit(digits)}",
        )
        body = {
            "sku": sku,
            "name": name,
            "barcodes": [code],
            "tax_class": "standard",
            "category": f"category {chance.randrange(400)}",
            "brand": None,
            "tags": [f"tag {chance.randrange(200)}"],
            "discountable": True,
        }
        yield Values(sku, name, text_of(body), code, chance.randint(50, 5_000))


def feed_rows(changed: list[Values], newer_than: int) -> list[FeedRow]:
    """Return each product and its price as rows of the feed."""
    things = [("product", one.sku, one.body) for one in changed] + [
        ("price", one.sku, one.price_body) for one in changed
    ]
    return [
        FeedRow(version=version, kind=kind, key=key, body=json.loads(text))
        for version, (kind, key, text) in enumerate(things, start=newer_than + 1)
    ]


def open_office(folder: Path, everything: list[Values]) -> Path:
    """Make a head office whose feed holds everything, and a store's settings. Returns its database."""
    database = Database(folder)
    database.close()
    columns = "tenant_id, store_id, kind, key, version, gone, body"
    insert = f"insert into feed_rows ({columns}) values ('{TENANT}', ?, ?, ?, ?, 0, ?)"
    settings = text_of(store(id=STORE).model_dump(mode="json"))
    with closing(sqlite3.connect(database.path, isolation_level=None)) as file:
        file.execute("begin")
        file.execute(insert, (STORE, "setting", "store", 1, settings))
        products = (("", "product", one.sku, version, one.body) for version, one in enumerate(everything, 2))
        file.executemany(insert, products)
        behind = len(everything) + 2
        prices = (("", "price", one.sku, version, one.price_body) for version, one in enumerate(everything, behind))
        file.executemany(insert, prices)
        file.execute("insert into feed_versions values (?, ?)", (TENANT, 2 * len(everything) + 1))
        file.execute("insert into feed_heads values (?, ?, ?)", (TENANT, 2 * len(everything) + 1, "0" * 64))
        file.execute("commit")
        file.execute("pragma wal_checkpoint(truncate)")
    return database.path


def move_on(office: Path, rows: int) -> None:
    """Let the feed have moved on, by what is for other stores."""
    with closing(sqlite3.connect(office)) as file, file:
        file.execute("update feed_versions set version = version + ?", (rows,))
        file.execute("update feed_heads set version = version + ?", (rows,))


def write_bare(path: Path, everything: list[Values]) -> None:
    """Write ready-made values into the catalogue's tables and pack the file: nobody can do less."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("pragma journal_mode = off")
        file.execute("pragma synchronous = off")
        file.executescript(f"begin; {TABLES}")
        file.executemany("insert into products values (?, ?, ?)", ((one.sku, one.name, one.body) for one in everything))
        file.executemany("insert into barcodes values (?, ?)", ((one.barcode, one.sku) for one in everything))
        file.executemany("insert into prices values (?, ?, 0)", ((one.sku, one.price_minor) for one in everything))
        for statement in (*INDEXES.split(";")[:-1], "commit"):
            file.execute(statement)
    with path.open("rb") as source, path.with_suffix(".zst").open("wb") as target:
        zstandard.ZstdCompressor(level=LEVEL).copy_stream(source, target)
