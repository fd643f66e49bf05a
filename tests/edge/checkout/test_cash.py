"""Paying in cash: exact, with change, never with too little, and one basket is one order whatever is repeated."""

import asyncio
from typing import Any

import pytest

from tests.edge.small_shop import UNKNOWN_ID, Till, publish, setting


@pytest.mark.parametrize(("tendered_minor", "change_minor"), [(115, 0), (116, 1), (100_000, 99_885)])
async def test_change_is_what_was_given_less_what_was_due(till: Till, tendered_minor: int, change_minor: int) -> None:
    basket = await till.fill("milk")

    status, paid = await till.pay(basket["id"], tendered_minor)

    assert status == 200
    assert (paid["total_minor"], paid["tendered_minor"], paid["change_minor"]) == (115, tendered_minor, change_minor)
    assert paid["receipt_number"] == "T1K1-000001"


async def test_too_little_is_refused_and_the_basket_stays_open(till: Till) -> None:
    basket = await till.fill("milk")

    refused, problem = await till.pay(basket["id"], 114)
    more = await till.fill("milk")
    status, paid = await till.pay(basket["id"], 230)

    assert (refused, problem["code"]) == (409, "cash-too-little")
    assert "114" in problem["title"]
    assert "115" in problem["title"]
    assert more["total_minor"] == 230
    assert (status, paid["receipt_number"]) == (200, "T1K1-000001")  # the refusal took no number


async def test_an_order_for_nothing_is_an_order(till: Till) -> None:
    order = await till.sell("bag")
    _, exact = await till.pay((await till.fill("bag"))["id"], 0)

    assert (order["total_minor"], order["tenders"][0]["amount_minor"]) == (0, 0)
    assert exact["change_minor"] == 0


async def test_an_empty_basket_cannot_be_paid(till: Till) -> None:
    basket = await till.fill("milk")
    await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": 0})

    by_cash, by_card = await till.pay(basket["id"]), await till.pay_by_card(basket["id"])

    assert [(status, problem["code"]) for status, problem in (by_cash, by_card)] == [(409, "basket-is-empty")] * 2
    assert till.gateway.charged == []


async def test_a_repeat_answers_the_same_order(till: Till) -> None:
    basket = await till.fill("milk", "tea")

    first = await till.pay(basket["id"], 500)
    repeats = [await till.pay(basket["id"], 500), await till.pay(basket["id"], 1), await till.pay_by_card(basket["id"])]

    assert repeats == [first] * 3
    assert till.gateway.charged == []


async def test_twenty_checkouts_at_once_make_one_order_and_one_number(till: Till) -> None:
    basket = await till.fill("milk", "tea")

    answers = await asyncio.gather(*(till.pay(basket["id"]) for _ in range(20)))
    after = await till.sell("milk")

    assert {status for status, _ in answers} == {200}
    assert len({(paid["id"], paid["receipt_number"]) for _, paid in answers}) == 1
    assert after["receipt_number"] == "T1K1-000002"


async def test_a_basket_that_was_given_up_cannot_be_paid(till: Till) -> None:
    basket = await till.fill("milk")
    await till.call("DELETE", f"/api/baskets/{basket['id']}")

    status, problem = await till.pay(basket["id"])

    assert (status, problem["code"]) == (409, "basket-is-closed")


async def test_a_basket_that_never_was_cannot_be_paid(till: Till) -> None:
    status, problem = await till.pay(UNKNOWN_ID)

    assert (status, problem["code"]) == (404, "unknown-basket")


@pytest.mark.parametrize(
    "tender",
    [
        {"kind": "cash", "tendered_minor": -1},
        {"kind": "cash", "tendered_minor": 1.0},
        {"kind": "cash", "tendered_minor": 10**14},
        {"kind": "cash"},
        {"kind": "shells", "tendered_minor": 500},
        {"kind": "cash", "tendered_minor": 500, "tip_minor": 1},
        {"kind": "card", "card": ""},
        None,
    ],
)
async def test_a_tender_that_is_none_is_refused(till: Till, tender: Any) -> None:
    basket = await till.fill("milk")

    status, problem = await till.call("POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})

    assert (status, problem["code"]) == (400, "bad-request")
    assert (await till.lane())["basket"]["state"] == "open"


@pytest.mark.parametrize(
    ("country", "currency", "total_minor", "cash_minor"),
    [("CH", "CHF", 314, 315), ("GB", "GBP", 314, 314), ("ZA", "ZAR", 314, 310), ("NZ", "NZD", 314, 310)],
)
async def test_cash_is_due_in_the_coins_of_the_country(
    till: Till, country: str, currency: str, total_minor: int, cash_minor: int
) -> None:
    await publish(till.shop.catalogue, setting(country=country, currency=currency))

    order = await till.sell("tea")

    [tender] = order["tenders"]
    assert (order["total_minor"], tender["amount_minor"]) == (total_minor, cash_minor)
    assert order["rounding_minor"] == cash_minor - total_minor
    assert tender["tendered_minor"] - tender["change_minor"] == cash_minor
