"""A donation is paid with the basket and is otherwise outside of it: no promotion, no tax, no refund knows it."""

from typing import Any

import pytest

from shared.model.order import Order
from shared.model.store import Store
from shared.receipts.document import of_order
from shared.receipts.paper import lay_out
from tests.edge.small_shop import STAFF, UNKNOWN_ID, HandClock, Till, promotion, publish, setting

SEA = ("donation", "sea", {"id": "sea", "name": "Sea rescue"})


async def give(till: Till, basket_id: str, **wanted: Any) -> tuple[int, Any]:
    return await till.call("PUT", f"/api/baskets/{basket_id}/donation", {"campaign": "sea", **wanted})


@pytest.mark.parametrize(
    ("wanted", "minor"),
    [
        ({"round_to_minor": 100}, 85),  # 115 to 200
        ({"round_to_minor": 50}, 35),
        ({"round_to_minor": 115}, 0),
        ({"amount_minor": 250}, 250),
    ],
)
async def test_rounding_up_or_an_amount_is_paid_besides(till: Till, wanted: dict[str, Any], minor: int) -> None:
    await publish(till.shop.catalogue, SEA)
    basket = await till.fill("milk")

    status, shown = await give(till, basket["id"], **wanted)
    _, paid = await till.pay(basket["id"], tendered_minor=1_000)
    _, order = await till.call("GET", f"/api/orders/{paid['id']}")

    assert status == 200
    assert shown["donation"] == ({"campaign": "sea", "name": "Sea rescue", "minor": minor} if minor else None)
    assert shown["total_minor"] == paid["total_minor"] == 115 + minor
    assert paid["change_minor"] == 1_000 - 115 - minor
    assert (order["total_minor"], order["taxes"][0]["gross_minor"], order["rounding_minor"]) == (115, 115, 0)
    assert (order["donation"] or {"minor": 0})["minor"] == minor
    assert order["tenders"][0]["amount_minor"] == 115 + minor


async def test_a_rounded_donation_follows_the_basket_and_goes_when_it_is_taken_back(till: Till) -> None:
    await publish(till.shop.catalogue, SEA)
    basket = await till.fill("milk")
    await give(till, basket["id"], round_to_minor=100)
    more = await till.fill("milk")

    status, without = await till.call("DELETE", f"/api/baskets/{basket['id']}/donation")

    assert (more["total_minor"], more["donation"]["minor"]) == (300, 70)
    assert (status, without["total_minor"], without["donation"]) == (200, 230, None)


async def test_no_promotion_counts_a_donation(till: Till) -> None:
    tiers = [{"min_amount": 200, "reward": {"kind": "percent", "value": 5000}}]
    half = {"id": "T1", "name": "Half price from 2.00", "family": "basket_threshold", "tiers": tiers}
    await publish(till.shop.catalogue, SEA, promotion(half))
    basket = await till.fill("milk")

    _, shown = await give(till, basket["id"], amount_minor=1_000)

    assert (shown["discount_minor"], shown["total_minor"]) == (0, 1_115)


async def test_a_card_is_charged_with_the_donation_and_a_total_without_it_is_never_charged(till: Till) -> None:
    await publish(till.shop.catalogue, SEA)
    basket = await till.fill("milk")
    await give(till, basket["id"], amount_minor=100)
    card = {"tender": {"kind": "card", "card": "test-approved"}}
    path = f"/api/baskets/{basket['id']}/checkout"

    refused, problem = await till.call("POST", path, {**card, "total_minor": 115})
    status, _ = await till.call("POST", path, {**card, "total_minor": 215})

    assert (refused, problem["facts"]["total_minor"], status) == (409, 215, 200)
    assert [payment.amount_minor for payment in till.gateway.charged] == [215]


async def test_a_refund_never_gives_a_donation_back(till: Till) -> None:
    await publish(till.shop.catalogue, SEA)
    basket = await till.fill("milk")
    await give(till, basket["id"], amount_minor=100)
    await till.pay(basket["id"])
    back = {"lines": [{"number": 1, "quantity": 1}]}

    _, refund = await till.call("PUT", f"/api/orders/{basket['id']}/refunds/{UNKNOWN_ID}", back, **STAFF)

    assert refund["total_minor"] == refund["tender"]["amount_minor"] == 115


async def test_cash_is_rounded_once_with_the_donation(till: Till) -> None:
    rates = {"standard": 810, "zero": 0}
    await publish(till.shop.catalogue, SEA, setting(country="CH", currency="CHF", tax_rates_bp=rates))
    basket = await till.fill("milk")

    _, shown = await give(till, basket["id"], amount_minor=3)
    _, paid = await till.pay(basket["id"], tendered_minor=120)
    _, order = await till.call("GET", f"/api/orders/{paid['id']}")

    assert (shown["total_minor"], shown["cash_total_minor"]) == (118, 120)
    assert (order["total_minor"], order["rounding_minor"], order["tenders"][0]["amount_minor"]) == (115, 2, 120)


async def test_the_receipt_has_a_row_for_it_outside_of_the_tax_table(till: Till, clock: HandClock) -> None:
    await publish(till.shop.catalogue, SEA)
    basket = await till.fill("milk")
    await give(till, basket["id"], round_to_minor=100)
    await till.pay(basket["id"])
    _, body = await till.call("GET", f"/api/orders/{basket['id']}")
    order = Order.model_validate({**body, "placed_at": clock.now()}, strict=False)

    store: Store = till.shop.catalogue.store
    receipt = of_order(order, store)
    text = [line.text for line in lay_out(receipt)]

    assert receipt.donation is not None
    assert (receipt.subtotal, receipt.donation.amount, receipt.total) == ("1.15", "0.85", "2.00")
    assert [row.gross for row in receipt.taxes] == ["1.15"]
    assert any(line.startswith("Sea rescue") and line.endswith("0.85") for line in text)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"campaign": "moon", "amount_minor": 1}, 404),
        ({}, 400),
        ({"amount_minor": 1, "round_to_minor": 1}, 400),
        ({"amount_minor": 0}, 400),
        ({"amount_minor": 10_000_000}, 400),
    ],
)
async def test_a_donation_that_makes_no_sense_is_refused(till: Till, wanted: dict[str, Any], status: int) -> None:
    await publish(till.shop.catalogue, SEA)
    basket = await till.fill("milk")

    assert (await give(till, basket["id"], **wanted))[0] == status


async def test_a_screen_can_ask_for_whom_shoppers_may_give(till: Till) -> None:
    await publish(till.shop.catalogue, SEA)

    assert (await till.call("GET", "/api/donations"))[1] == {"donations": [{"id": "sea", "name": "Sea rescue"}]}
