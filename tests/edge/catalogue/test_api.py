"""The doors for looking at what can be bought."""

import pytest

from tests.edge.small_shop import Till, numbered, product, publish


async def test_the_list_is_read_page_by_page(till: Till) -> None:
    await publish(till.shop.catalogue, *(product(sku, f"Pencil {sku}") for sku in numbered(25)))

    skus, cursor = [], ""
    while cursor is not None:
        _, page = await till.call("GET", f"/api/products?query=PENCIL&limit=10&cursor={cursor}")
        skus += [row["sku"] for row in page["products"]]
        cursor = page["next"]

    assert skus == list(numbered(25))


async def test_a_product_without_a_price_is_shown_as_such(till: Till) -> None:
    _, page = await till.call("GET", "/api/products?query=priceless")

    assert page["products"] == [{"sku": "vase", "name": "Priceless vase", "category": None, "price_minor": None}]


@pytest.mark.parametrize("cursor", ["x", "eHg=", "WzFd", "MQ==", "%FF", "e30=", "bnVsbA=="])
async def test_a_cursor_from_elsewhere_is_refused(till: Till, cursor: str) -> None:
    status, problem = await till.call("GET", f"/api/products?cursor={cursor}")

    assert (status, problem["code"]) == (400, "bad-cursor")
    assert "without a cursor" in problem["hint"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=" + "a" * 501, "unknown=1"])
async def test_a_question_out_of_bounds_is_refused(till: Till, query: str) -> None:
    status, problem = await till.call("GET", f"/api/products?{query}")

    assert (status, problem["code"]) == (400, "bad-request")


async def test_a_screen_learns_how_the_store_counts_its_money(till: Till) -> None:
    _, store = await till.call("GET", "/api/store")

    assert store == {
        "code": "T1",
        "name": "Corner shop",
        "country": "GB",
        "currency": "GBP",
        "exponent": 2,
        "language": "en",
        "cash_increment_minor": 1,
        "asks_for_donations": True,
        "donation_amounts_minor": [],
    }
