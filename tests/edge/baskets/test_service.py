"""What a basket takes, keeps and refuses."""

import asyncio

import pytest

from edge.baskets import service
from edge.baskets.models import BasketFull
from edge.database import Transaction
from edge.shop import Shop
from shared.model.basket import LINES_MAX
from shared.model.strict import QUANTITY_MAX
from tests.edge.small_shop import Till, numbered, price, product, publish


def lines_of(basket: dict[str, list[dict[str, object]]]) -> list[tuple[object, object, object]]:
    return [(line["number"], line["sku"], line["quantity"]) for line in basket["lines"]]


async def test_the_same_product_joins_its_line_and_others_follow(till: Till) -> None:
    basket = await till.fill("milk", "tea", "milk", "mug", "milk")

    assert lines_of(basket) == [(1, "milk", 3), (2, "tea", 1), (3, "mug", 1)]
    assert basket["quantity"] == 5
    assert basket["total_minor"] == 3 * 115 + 314 + 500  # tea less 10 %: 314.1


async def test_a_basket_is_priced_afresh_at_every_change(till: Till) -> None:
    two, three = await till.fill("mug", "mug"), await till.fill("mug")
    _, two_again = await till.call("PUT", f"/api/baskets/{two['id']}/lines/1", {"quantity": 2})

    assert [basket["discount_minor"] for basket in (two, three, two_again)] == [0, 500, 0]
    assert three["lines"][0]["promotions"] == [{"name": "Mugs: 3 for 2", "discount_minor": 500}]


async def test_quantity_0_takes_a_line_out_and_a_rescan_opens_a_new_one(till: Till) -> None:
    basket = await till.fill("milk", "tea")
    _, without = await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": 0})
    again = await till.fill("milk")

    assert lines_of(without) == [(2, "tea", 1)]
    assert lines_of(again) == [(2, "tea", 1), (3, "milk", 1)]


async def test_the_price_shown_first_is_the_price_kept(till: Till) -> None:
    await till.fill("milk")
    await publish(till.shop.catalogue, price("milk", 999), product("milk", "Dear milk", "5000128104517", "zero"))

    kept = await till.fill("milk")
    status, order = await till.pay(kept["id"])
    fresh = await till.fill("milk")

    assert [(line["name"], line["unit_price_minor"], line["quantity"]) for line in kept["lines"]] == [
        ("Milk 1 l", 115, 2)
    ]
    assert (status, order["total_minor"]) == (200, 230)
    assert fresh["total_minor"] == 999


@pytest.mark.parametrize("quantity", [-1, -(10**9), QUANTITY_MAX + 1, 10**9])
async def test_an_absurd_quantity_is_refused_and_changes_nothing(till: Till, quantity: int) -> None:
    basket = await till.fill("milk")

    status, problem = await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": quantity})

    assert (status, problem["code"]) == (400, "quantity-out-of-range")
    assert str(quantity) in problem["title"]
    assert str(QUANTITY_MAX) in problem["hint"]
    assert (await till.lane())["basket"] == basket


@pytest.mark.parametrize("quantity", [1.5, "2", None, True, 10**12])
async def test_a_quantity_that_is_no_number_of_units_is_refused(till: Till, quantity: object) -> None:
    basket = await till.fill("milk")

    status, problem = await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": quantity})

    assert (status, problem["code"]) == (400, "bad-request")
    assert (await till.lane())["basket"]["version"] == basket["version"]


async def test_the_last_unit_that_fits_is_taken_and_the_next_refused(till: Till) -> None:
    basket = await till.fill("milk")
    full, _ = await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": QUANTITY_MAX})
    status, problem = await till.scan("milk")

    assert full == 200
    assert (status, problem["code"]) == (400, "quantity-out-of-range")


async def test_a_basket_takes_500_different_products_and_says_when_it_is_full(shop: Shop) -> None:
    skus = list(numbered(LINES_MAX + 1))
    await publish(shop.catalogue, *(product(sku, sku) for sku in skus), *(price(sku, 1) for sku in skus))
    offers = [shop.catalogue.picked(sku) for sku in skus]

    def fill(tx: Transaction) -> None:
        for offer in offers[:LINES_MAX]:
            service.add(tx, "kiosk", offer, "GBP", shop.pricing())

    await shop.db.transact(fill)
    with pytest.raises(BasketFull) as full:
        await shop.db.transact(service.add, "kiosk", offers[-1], "GBP", shop.pricing())
    more = await shop.db.transact(service.add, "kiosk", offers[0], "GBP", shop.pricing())

    assert str(LINES_MAX) in full.value.title
    assert "begin another basket" in full.value.hint
    assert (len(more.lines), more.total_minor) == (LINES_MAX, LINES_MAX + 1)


async def test_a_repeated_scan_with_its_key_adds_once(till: Till) -> None:
    answers = [await till.scan("milk", **{"Idempotency-Key": key}) for key in ("a", "a", "b", "a")]

    assert [basket["quantity"] for _, basket in answers] == [1, 1, 2, 2]
    assert answers[0] == answers[1]


async def test_twenty_repeats_at_once_add_once(till: Till) -> None:
    await asyncio.gather(*(till.scan("milk", **{"Idempotency-Key": "one"}) for _ in range(20)))

    assert (await till.lane())["basket"]["quantity"] == 1


@pytest.mark.parametrize("key", ["", "k" * 81])
async def test_a_key_that_is_none_is_refused(till: Till, key: str) -> None:
    status, problem = await till.scan("milk", **{"Idempotency-Key": key})

    assert (status, problem["code"]) == (400, "bad-idempotency-key")


async def test_the_version_grows_with_every_change(till: Till) -> None:
    versions = [(await till.scan(sku))[1]["version"] for sku in ("milk", "milk", "tea")]
    basket = (await till.lane())["basket"]
    _, changed = await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": 5})

    assert [*versions, changed["version"]] == [1, 2, 3, 4]


async def test_a_basket_that_was_given_up_makes_room_for_a_new_one(till: Till) -> None:
    first = await till.fill("milk")
    gone, _ = await till.call("DELETE", f"/api/baskets/{first['id']}")
    gone_again, _ = await till.call("DELETE", f"/api/baskets/{first['id']}")
    second = await till.fill("tea")

    assert (gone, gone_again) == (204, 204)
    assert second["id"] != first["id"]
    assert lines_of(second) == [(1, "tea", 1)]


async def test_a_basket_that_is_being_paid_holds_still(till: Till) -> None:
    basket = await till.fill("milk")
    await till.shop.db.transact(service.hold, basket["id"])

    refused = [
        await till.scan("tea"),
        await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": 2}),
        await till.call("DELETE", f"/api/baskets/{basket['id']}"),
        await till.pay(basket["id"]),
    ]

    assert [(status, problem["code"]) for status, problem in refused] == [(409, "basket-is-being-paid")] * 4


@pytest.mark.parametrize("end", ["completed", "abandoned"])
async def test_a_finished_basket_cannot_change(till: Till, end: str) -> None:
    basket = await till.fill("milk")
    path = f"/api/baskets/{basket['id']}"
    await (till.pay(basket["id"]) if end == "completed" else till.call("DELETE", path))

    status, problem = await till.call("PUT", f"{path}/lines/1", {"quantity": 2})

    assert (status, problem["code"]) == (409, "basket-is-closed")
    assert "begin a new one" in problem["hint"]


async def test_a_line_or_basket_that_is_not_there_is_told(till: Till) -> None:
    basket = await till.fill("milk")
    unknown = "0190a000-0000-7000-8000-000000000009"

    answers = [
        await till.call("PUT", f"/api/baskets/{basket['id']}/lines/2", {"quantity": 1}),
        await till.call("PUT", f"/api/baskets/{unknown}/lines/1", {"quantity": 1}),
        await till.call("DELETE", f"/api/baskets/{unknown}"),
        await till.pay(unknown),
    ]

    assert [(status, problem["code"]) for status, problem in answers] == [
        (404, "not-found"),
        *[(404, "unknown-basket")] * 3,
    ]


async def test_only_the_lanes_of_this_box_have_baskets(till: Till) -> None:
    status, problem = await till.call("POST", "/api/lanes/elsewhere/scans", {"code": "SHELF-7"})

    assert (status, problem["code"]) == (404, "not-found")
