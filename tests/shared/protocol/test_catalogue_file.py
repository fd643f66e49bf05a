"""A snapshot and a long row of deltas end in the same tables."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.product import Product
from shared.promotions.pack import parse
from shared.protocol.catalogue_file import SCHEMA, apply
from shared.protocol.feed import FeedRow
from tests.builders import easy, product, store

TABLES = ("products", "barcodes", "prices", "promotions", "settings", "feed")
NOTHING: dict[str, list[Any]] = {table: [] for table in TABLES}


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    with closing(empty()) as connection:
        yield connection


def empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    return connection


def row(kind: str, key: str, body: dict[str, Any] | None, version: int = 1) -> FeedRow:
    return FeedRow(version=version, kind=kind, key=key, gone=body is None, body=body)


def a_product(sku: str, **changes: Any) -> FeedRow:
    return row("product", sku, product(sku, **changes).model_dump(mode="json"))


def contents(file: sqlite3.Connection) -> dict[str, list[Any]]:
    return {table: sorted(file.execute(f"select * from {table}")) for table in TABLES}


def barcodes(file: sqlite3.Connection) -> list[tuple[str, str]]:
    return sorted(file.execute("select code, sku from barcodes"))


def test_a_new_file_is_empty_and_before_the_first_row(file: sqlite3.Connection) -> None:
    assert contents(file) == {**NOTHING, "feed": [(0, None)]}


def test_a_product_is_kept_whole_and_found_by_its_barcodes(file: sqlite3.Connection) -> None:
    changed = apply(file, [a_product("milk", barcodes=("1", "2"), tags=("dairy",))], 3)

    ((name, body),) = file.execute("select name, body from products where sku = 'milk'")
    assert name == "Milk"
    assert Product.model_validate_json(body) == product("milk", barcodes=("1", "2"), tags=("dairy",))
    assert barcodes(file) == [("1", "milk"), ("2", "milk")]
    assert changed == {"product"}
    assert contents(file)["feed"] == [(3, None)]


def test_a_changed_product_loses_the_barcodes_it_no_longer_has(file: sqlite3.Connection) -> None:
    apply(file, [a_product("milk", barcodes=("1", "2")), a_product("bread", barcodes=("3",))], 2)

    apply(file, [a_product("milk", name="Oat milk", barcodes=("2", "4"))], 3)

    assert barcodes(file) == [("2", "milk"), ("3", "bread"), ("4", "milk")]
    assert [name for (name,) in file.execute("select name from products order by sku")] == ["Bread", "Oat milk"]


def test_two_products_may_claim_one_barcode_so_that_somebody_can_be_asked(file: sqlite3.Connection) -> None:
    apply(file, [a_product("milk", barcodes=("1", "1")), a_product("bread", barcodes=("1",))], 2)

    assert barcodes(file) == [("1", "bread"), ("1", "milk")]


def test_what_is_gone_leaves_nothing_behind(file: sqlite3.Connection) -> None:
    rows = {
        ("product", "milk"): product("milk", barcodes=("1",)).model_dump(mode="json"),
        ("price", "milk"): {"sku": "milk", "price_minor": 120},
        ("promotion", "easy"): easy().model_dump(mode="json"),
        ("setting", "store"): store().model_dump(mode="json"),
    }
    apply(file, [row(kind, key, body) for (kind, key), body in rows.items()], 4)
    assert all(contents(file)[table] for table in TABLES)

    changed = apply(file, [row(kind, key, None) for kind, key in rows], 8)

    assert contents(file) == {**NOTHING, "feed": [(8, None)]}
    assert changed == {"product", "price", "promotion", "setting"}


def test_what_was_never_here_may_be_gone_too(file: sqlite3.Connection) -> None:
    apply(file, [row(kind, "x", None) for kind in ("product", "price", "promotion", "setting")], 1)

    assert contents(file)["feed"] == [(1, None)]


def test_a_gone_row_is_gone_whatever_its_body_says(file: sqlite3.Connection) -> None:
    apply(file, [row("price", "milk", {"sku": "milk", "price_minor": 120})], 1)

    apply(file, [FeedRow(version=2, kind="price", key="milk", gone=True, body={"sku": "milk", "price_minor": 1})], 2)

    assert contents(file)["prices"] == []


def test_a_kind_from_the_future_is_passed_over_and_its_neighbours_are_not(file: sqlite3.Connection) -> None:
    changed = apply(file, [row("planogram", "x", {"a": 1}), a_product("milk"), row("planogram", "y", None)], 9)

    assert changed == {"product"}
    assert contents(file)["feed"] == [(9, None)]
    assert len(contents(file)["products"]) == 1


def test_a_promotion_comes_out_as_it_went_in(file: sqlite3.Connection) -> None:
    apply(file, [row("promotion", "easy", easy().model_dump(mode="json"))], 1)

    ((body,),) = file.execute("select body from promotions")
    assert parse(body) == easy()


def test_an_empty_page_moves_the_cursor_only(file: sqlite3.Connection) -> None:
    assert apply(file, [], 5) == set()
    assert contents(file)["feed"] == [(5, None)]


changes = st.lists(
    st.tuples(
        st.sampled_from(["product", "price"]),
        st.sampled_from(["milk", "bread"]),
        st.none() | st.integers(0, 9).map(str),
    ),
    max_size=12,
)


@given(changes)
def test_the_newest_rows_alone_make_the_same_file_as_all_rows_in_order(
    steps: list[tuple[str, str, str | None]],
) -> None:
    def written(kind: str, sku: str, value: str | None) -> FeedRow:
        if value is None:
            return row(kind, sku, None)
        return (
            a_product(sku, barcodes=(value,))
            if kind == "product"
            else row(kind, sku, {"sku": sku, "price_minor": int(value)})
        )

    newest = {(kind, sku): value for kind, sku, value in steps}
    with closing(empty()) as by_delta, closing(empty()) as by_snapshot:
        for cursor, step in enumerate(steps, 1):
            apply(by_delta, [written(*step)], cursor)
        apply(by_snapshot, [written(kind, sku, value) for (kind, sku), value in newest.items()], len(steps))

        assert contents(by_delta) == contents(by_snapshot)


def test_promotions_of_a_page_wait_for_the_last_and_change_together(file: sqlite3.Connection) -> None:
    offers = {key: easy(key).model_dump(mode="json") for key in ("a", "b", "c")}
    apply(file, [row("promotion", "a", offers["a"]), row("promotion", "b", offers["b"])], 2)

    first = apply(file, [row("promotion", "a", None), row("promotion", "c", offers["c"])], 4, more=True)
    between = promotion_keys(file)
    apply(file, [row("promotion", "c", None), row("promotion", "d", offers["c"])], 6, more=True)
    last = apply(file, [], 7)

    assert (first, between) == (set(), ["a", "b"])
    assert (last, promotion_keys(file)) == ({"promotion"}, ["b", "d"])
    assert list(file.execute("select * from promotions_to_come")) == []


def promotion_keys(file: sqlite3.Connection) -> list[str]:
    return [key for (key,) in file.execute("select id from promotions order by id")]
