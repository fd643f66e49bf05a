"""The demo's data is whole, real and small."""

import csv
import gzip
import io
import json
import re
from collections import Counter
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from edge.demo import baskets, cut
from edge.demo.baskets import Return, Sale
from edge.demo.stock_codes import in_store_ean13
from shared import barcodes
from shared.promotions.pack import parse
from shared.retailers.gift_shop import RETAILER

SHIPPED = files("edge.demo") / "data"
BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[4] / "shared" / "data"
SOURCE = BESIDE_THE_CHECKOUT / "transactions" / "uci_online_retail_2010-12-01_2011-10-18.csv.gz"
SIZE_MAX = 2_000_000  # bytes; the data travels in every wheel

needs_source = pytest.mark.skipif(not SOURCE.exists(), reason="the whole Online Retail file is not beside the checkout")


@pytest.fixture(scope="module")
def products() -> dict[str, dict[str, str]]:
    return {row["sku"]: row for row in csv.DictReader(io.StringIO(baskets.products_csv().decode()))}


@pytest.fixture(scope="module")
def history() -> list[Sale | Return]:
    return baskets.read_baskets()


@pytest.fixture(scope="module")
def source() -> bytes:
    return SOURCE.read_bytes()


@pytest.mark.parametrize(
    ("stock_code", "barcode"),
    [
        ("22423", "2002242300007"),
        ("85123A", "2008512301002"),
        ("85123a", "2008512351007"),  # another product
        ("15056BL", "2001505602124"),
        ("POST", "2093641478596"),  # hashed
    ],
)
def test_a_stock_code_can_be_read_in_its_barcode(stock_code: str, barcode: str) -> None:
    assert in_store_ean13(stock_code) == barcode


def test_every_product_has_its_own_in_store_barcode(products: dict[str, dict[str, str]]) -> None:
    made = {product["barcode"] for product in products.values()}

    assert len(made) == len(products)
    assert all(re.fullmatch(r"20\d{11}", barcode) for barcode in made)
    assert all(barcodes.check_digit(barcode[:-1]) == barcode[-1] for barcode in made)
    assert {barcodes.read(barcode, RETAILER).kind for barcode in made} == {"in_store"}
    assert all(product["barcode"] == in_store_ean13(sku) for sku, product in products.items())


@needs_source
def test_no_two_codes_of_the_whole_source_share_a_barcode(source: bytes) -> None:
    codes = {row.stock_code for row in cut.read_rows(source)}

    assert len(codes) == 3_959
    assert len({in_store_ean13(code) for code in codes}) == len(codes)


@needs_source
def test_the_source_gives_the_shipped_files_again_byte_for_byte(source: bytes) -> None:
    made = cut.make(source)

    assert made["products.csv"] == baskets.products_csv()
    packed = (SHIPPED / "baskets.jsonl.gz").read_bytes()
    assert gzip.decompress(made["baskets.jsonl.gz"]) == gzip.decompress(packed)
    assert made["baskets.jsonl.gz"] == packed  # if only this fails, another zlib packs differently


def test_products_are_priced_in_pence_or_not_at_all(products: dict[str, dict[str, str]]) -> None:
    assert all(re.fullmatch(r"(\d+\.\d\d)?", product["price"]) for product in products.values())
    assert {product["tax_class"] for product in products.values()} == {"standard", "zero"}
    assert all(product["name"] == " ".join(product["name"].split()) != "" for product in products.values())


def test_the_baskets_are_all_of_products_and_all_products_are_in_baskets(
    products: dict[str, dict[str, str]], history: list[Sale | Return]
) -> None:
    lines = [line for basket in history for line in basket.lines]

    assert {sku for sku, _ in lines} == products.keys()
    assert min(units for _, units in lines) == 1
    assert max(len(basket.lines) for basket in history) <= cut.LINES_MAX


def test_the_baskets_are_in_time_order_and_each_is_there_once(history: list[Sale | Return]) -> None:
    packed = (SHIPPED / "baskets.jsonl.gz").read_bytes()
    times = [json.loads(line)["at"] for line in gzip.decompress(packed).splitlines()]

    assert all(before <= after for before, after in pairwise(times))
    assert len({basket.invoice for basket in history}) == len(history)
    assert packed[4:8] == bytes(4)  # no time of packing


def test_refunds_never_exceed_what_an_earlier_sale_of_the_customer_holds(history: list[Sale | Return]) -> None:
    left: dict[str, Counter[str]] = {}

    for basket in history:
        units: Counter[str] = Counter()
        for sku, count in basket.lines:
            units[sku] += count
        if isinstance(basket, Sale):
            left[basket.invoice] = units
        elif basket.refund_of is not None:
            assert units <= left[basket.refund_of]
            left[basket.refund_of].subtract(units)


@pytest.mark.parametrize("sku", ["POST", "M", "D", "DOT", "C2", "BANK CHARGES", "AMAZONFEE", "gift_0001_20", "85123A"])
def test_the_odd_codes_of_the_real_world_stay_in(sku: str, products: dict[str, dict[str, str]]) -> None:
    assert sku in products


def test_the_promotions_are_understood_and_find_products(products: dict[str, dict[str, str]]) -> None:
    for fields in baskets.promotions():
        for selector in parse(json.dumps(fields)).selectors:
            assert (selector.skus or set()) <= products.keys()
            assert any(
                selector.takes(sku, row["category"], None, row["tags"].split(";"), 100) for sku, row in products.items()
            )


def test_the_readme_counts_what_is_there(products: dict[str, dict[str, str]], history: list[Sale | Return]) -> None:
    sales = [basket for basket in history if isinstance(basket, Sale)]
    refunds = [basket for basket in history if isinstance(basket, Return)]

    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    told = {what: int(count.replace(",", "")) for what, count in re.findall(r"\| (.+) \| ([\d,]+) \|", readme)}

    assert told == {
        "products": len(products),
        "products without a price": sum(not product["price"] for product in products.values()),
        "zero-rated products": sum(product["tax_class"] == "zero" for product in products.values()),
        "sales": len(sales),
        "sales to walk-ins": sum(sale.customer is None for sale in sales),
        "sale lines": sum(len(sale.lines) for sale in sales),
        "refunds": len(refunds),
        "refunds with a known original": sum(refund.refund_of is not None for refund in refunds),
        "refund lines": sum(len(refund.lines) for refund in refunds),
        "promotions": len(baskets.promotions()),
    }


def test_the_data_is_small_enough_to_ship() -> None:
    assert sum(len(file.read_bytes()) for file in SHIPPED.iterdir()) < SIZE_MAX
