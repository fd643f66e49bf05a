"""A catalogue file: good rows are published, each bad one is listed with its line and spoils no other."""

from pathlib import Path
from typing import Any

import pytest

from tests.cloud.world import Tenant, World, open_world

HEADER = "sku,name,barcode,price,tax_class,category,tags"
GOOD = f"""{HEADER}
milk,Milk 1 l,5000128104517,1.15,zero,dairy,
mug,"Mug, blue",2000000000015;96385074,5.00,standard,kitchen,gift;blue
vase,Vase,,,standard,,
"""


async def a_tenant(world: World) -> Tenant:
    tenant = await world.tenant()
    await tenant.open_store()
    return tenant


async def published(world: World, kind: str) -> dict[str, str | None]:
    return dict(await world.rows("select key, body from feed_rows where kind = :kind", kind=kind))


def counts(report: dict[str, Any]) -> dict[str, int]:
    """Return the counts that are not zero."""
    return {name: count for name, count in report.items() if name != "rejected_rows" and count}


async def test_good_rows_become_products_and_prices(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        answer = await tenant.import_csv(GOOD)
        products, prices = await published(world, "product"), await published(world, "price")

    assert answer.status == 200
    assert counts(answer.body) == {
        "rows": 3, "taken": 3, "products_added": 3, "prices_added": 2, "without_price": 1,
    }  # fmt: skip
    assert products.keys() == {"milk", "mug", "vase"}
    assert '"barcodes": ["store:2000000000015", "00000096385074"]' in str(products["mug"])
    assert '"tags": ["gift", "blue"]' in str(products["mug"])
    assert prices == {
        "milk": '{"price_minor": 115, "sku": "milk"}',
        "mug": '{"price_minor": 500, "sku": "mug"}',
    }


@pytest.mark.parametrize(
    "content",
    [GOOD.encode("utf-8-sig"), GOOD.replace("\n", "\r\n").encode(), GOOD.replace("\n", "\n\n").encode()],
    ids=["byte order mark", "CRLF", "empty lines"],
)
async def test_a_file_is_read_as_spreadsheets_write_it(tmp_path: Path, content: bytes) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        await tenant.import_csv(GOOD)
        answer = await tenant.import_csv(content)

    assert counts(answer.body) == {"rows": 3, "taken": 3, "without_price": 1}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "tea,Tea,4006381333932,1.00,standard",
            "barcode: The barcode was not read correctly: its check digit is wrong",
        ),
        ("tea,Tea,(00)106141412345678908,1.00,standard", "barcode: This code names no product: it has no GTIN"),
        (f"tea,Tea,{'1' * 65},1.00,standard", "it is longer than"),
        ("tea,Tea,,cheap,standard", "price: 'cheap' is not a number"),
        ("tea,Tea,,0x10,standard", "price: '0x10' is not a number"),
        ('tea,Tea,,"1,50",standard', "price: '1,50' is not a number"),
        ("tea,Tea,,£1,standard", "price: '£1' is not a number"),
        ("tea,Tea,,NaN,standard", "price: 'NaN'"),
        ("tea,Tea,,Infinity,standard", "price: 'Infinity'"),
        ("tea,Tea,,1.005,standard", "price: '1.005' has more decimals than GBP"),
        ("tea,Tea,,-1.00,standard", "price: '-1.00' is not a number"),
        ("tea,Tea,,100000000000.01,standard", "price_minor: Input should be less than or equal to"),
        ("tea,Tea,,1.00,luxury", "tax_class: no store has a rate for 'luxury'"),
        ("tea,Tea,,1.00,", "tax_class: no store has a rate for ''"),
        ("milk,More milk,,1.00,standard", "sku: 'milk' stands in the file twice"),
        (f"tea,{'x' * 201},,1.00,standard", "name: String should have at most 200 characters"),
        ("tea,,,1.00,standard", "name: String should have at least 1 character"),
        (",Tea,,1.00,standard", "sku: String should have at least 1 character"),
        (f"{'x' * 65},Tea,,1.00,standard", "sku: String should have at most 64 characters"),
        ("te\ta,Tea,,1.00,standard", "sku: String should match pattern"),
        ("tea", "tax_class: no store has a rate for ''"),
    ],
)
async def test_a_bad_row_is_listed_and_the_others_are_taken(tmp_path: Path, row: str, problem: str) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        answer = await tenant.import_csv(f"{GOOD}{row}\nlast,Last,,1.00,standard\n")
        products = await published(world, "product")

    [rejected] = answer.body["rejected_rows"]
    assert (answer.body["rows"], answer.body["taken"], answer.body["rejected"]) == (5, 4, 1)
    assert rejected["line"] == 5
    assert problem in rejected["problem"]
    assert products.keys() == {"milk", "mug", "vase", "last"}


@pytest.mark.parametrize(
    ("currency", "rejected_lines", "last"),
    [("JPY", [3, 4], None), ("KWD", [], '{"price_minor": 1500, "sku": "c"}')],
)
async def test_a_price_has_the_decimals_of_its_currency(
    tmp_path: Path, currency: str, rejected_lines: list[int], last: str | None
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await tenant.open_store(currency=currency)
        rows = "a,A,,100,standard\nb,B,,1.5,standard\nc,C,,1.500,standard\n"
        report = (await tenant.import_csv(f"{HEADER}\n{rows}", currency=currency)).body
        prices = await published(world, "price")

    assert [row["line"] for row in report["rejected_rows"]] == rejected_lines
    assert prices.get("c") == last


async def test_a_file_in_another_currency_than_the_stores_is_refused(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        answer = await tenant.import_csv(GOOD, currency="JPY")

    assert (answer.status, answer.body["code"]) == (409, "other-store")


async def test_cells_that_look_like_formulas_are_text(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        report = (await tenant.import_csv(f'{HEADER}\n=1+1,"=HYPERLINK(""x"")",@a,1.00,standard,+b,-c\n')).body
        products = await published(world, "product")

    assert report["taken"] == 1
    assert '"name": "=HYPERLINK(\\"x\\")"' in str(products["=1+1"])
    assert '"category": "+b"' in str(products["=1+1"])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "column 'sku' is missing"),
        (b"\n", "column 'sku' is missing"),
        (b"sku;name;barcode;price;tax_class\n", "column 'sku' is missing"),
        (b"sku,name,barcode,tax_class\na,A,,standard\n", "column 'price' is missing"),
        (GOOD.encode("utf-16"), "is not UTF-8"),
        (GOOD.encode() + b"caf\xe9,Caf\xe9,,1.00,standard\n", "is not UTF-8"),
        (f"{GOOD}tea,{'x' * 10_001},,1.00,standard\n".encode(), "field larger than field limit"),
        (b"\x00\x01\x02", "column 'sku' is missing"),
    ],
)
async def test_a_file_that_is_no_table_is_refused_whole(tmp_path: Path, content: bytes, problem: str) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        answer = await tenant.import_csv(content)
        products = await published(world, "product")

    assert (answer.status, answer.body["code"]) == (400, "bad-file")
    assert problem in answer.body["title"]
    assert products == {}


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/octet-stream"])
async def test_a_file_is_sent_as_what_it_is(tmp_path: Path, content_type: str) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        headers = {"Content-Type": content_type}
        path = "/api/catalogue/imports?currency=GBP"
        answer = await tenant.knock("POST", path, data=GOOD.encode(), headers=headers)

    assert (answer.status, answer.body["code"]) == (400, "bad-file")
    assert content_type in answer.body["title"]


@pytest.mark.parametrize(
    ("query", "status"),
    [({"currency": "pounds"}, 400), ({"retailer": "nobody"}, 409), ({"dry_run": "perhaps"}, 400), ({"x": "1"}, 400)],
)
async def test_an_import_that_cannot_be_understood_changes_nothing(
    tmp_path: Path, query: dict[str, str], status: int
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        answer = await tenant.import_csv(GOOD, **query)
        products = await published(world, "product")

    assert answer.status == status
    assert products == {}


async def test_a_file_of_5000_rows_is_taken_whole(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        rows = "\n".join(f"sku-{number},Product {number},,{number}.50,standard,," for number in range(5_000))
        report = (await tenant.import_csv(f"{HEADER}\n{rows}\n")).body
        products = await published(world, "product")

    assert counts(report) == {"rows": 5_000, "taken": 5_000, "products_added": 5_000, "prices_added": 5_000}
    assert len(products) == 5_000


async def test_of_many_bad_rows_a_thousand_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        report = (await tenant.import_csv(f"{HEADER}\n" + "tea,Tea,,cheap,standard,,\n" * 1_200)).body

    assert (report["rows"], report["taken"], report["rejected"]) == (1_200, 0, 1_200)
    assert [row["line"] for row in report["rejected_rows"]] == list(range(2, 1_002))


async def test_a_dry_run_tells_the_same_and_changes_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        before = await world.rows("select * from feed_rows")
        dry = await tenant.import_csv(GOOD + "bad,,,,\n", dry_run="true")
        after = await world.rows("select * from feed_rows")
        real = await tenant.import_csv(GOOD + "bad,,,,\n")

    assert after == before
    assert dry.body == real.body
    assert dry.body["products_added"] == 3


async def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        await tenant.import_csv(GOOD)
        before = await world.rows("select * from feed_rows")
        report = (await tenant.import_csv(GOOD)).body
        after = await world.rows("select * from feed_rows")

    assert counts(report) == {"rows": 3, "taken": 3, "without_price": 1}
    assert after == before


async def test_an_import_changes_only_the_products_that_it_names(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await a_tenant(world)
        await tenant.import_csv(GOOD)
        report = (await tenant.import_csv(f"{HEADER}\nmilk,Milk,,,zero,dairy,\nmug,Mug,,6.00,standard,,\n")).body
        products, prices = await published(world, "product"), await published(world, "price")

    assert counts(report) == {
        "rows": 2, "taken": 2, "products_changed": 2, "prices_changed": 2, "without_price": 1,
    }  # fmt: skip
    assert products.keys() == {"milk", "mug", "vase"}
    assert prices == {"milk": None, "mug": '{"price_minor": 600, "sku": "mug"}'}
