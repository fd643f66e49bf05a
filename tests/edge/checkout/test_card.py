"""Paying by card: every payment ends approved with its order, declined, or to be taken back. None ends nowhere."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from edge.checkout import service
from edge.checkout.gateway import GatewayAway, GatewaySilent
from edge.checkout.models import Asked, CardRequest, CheckoutRequest
from edge.shop import Shop
from shared.protocol.payments import PaymentRequest, PaymentResult
from tests.edge.small_shop import TestGateway, Till, open_small_shop, open_till, price, publish


async def payments(shop: Shop) -> list[str]:
    return [state for (state,) in await shop.db.transact(lambda tx: tx.rows("select state from payments order by id"))]


async def test_an_approved_card_makes_the_order(till: Till) -> None:
    basket = await till.fill("milk", "tea")

    status, paid = await till.pay_by_card(basket["id"])
    _, order = await till.call("GET", f"/api/orders/{paid['id']}")

    [asked] = till.gateway.charged
    assert status == 200
    assert (asked.amount_minor, asked.currency) == (429, "GBP")
    assert order["tenders"] == [{"kind": "card", "amount_minor": 429, "payment_id": asked.id, "reference": "GW-1"}]
    assert (order["rounding_minor"], paid["change_minor"]) == (0, None)
    assert await payments(till.shop) == ["approved"]


@pytest.mark.parametrize(
    ("end", "status", "code", "state"),
    [
        ("declined", 409, "card-declined", "declined"),
        ("voided", 409, "card-declined", "declined"),
        (GatewayAway(), 503, "card-unavailable", "declined"),
        (GatewaySilent(), 503, "card-unconfirmed", "to_void"),
    ],
)
async def test_a_card_that_did_not_pay_gives_the_basket_back(
    till: Till, end: str | Exception, status: int, code: str, state: str
) -> None:
    till.gateway.ends_with = [end]
    basket = await till.fill("milk")

    answer, problem = await till.pay_by_card(basket["id"])
    more = await till.fill("milk")
    paid_in_cash, _ = await till.pay(basket["id"])

    assert (answer, problem["code"]) == (status, code)
    assert "cash" in problem["hint"]
    assert (more["state"], more["quantity"]) == ("open", 2)
    assert paid_in_cash == 200
    assert await payments(till.shop) == [state]


async def test_each_attempt_is_a_payment_of_its_own(till: Till) -> None:
    till.gateway.ends_with = [GatewaySilent(), "declined", "approved"]
    basket = await till.fill("milk")

    answers = [await till.pay_by_card(basket["id"]) for _ in range(3)]

    assert [status for status, _ in answers] == [503, 409, 200]
    assert len({payment.id for payment in till.gateway.charged}) == 3
    assert await payments(till.shop) == ["to_void", "declined", "approved"]
    assert len(await till.shop.db.transact(service.to_void)) == 1


class SlowGateway(TestGateway):
    """Thinks until it is told what to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.was_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def charge(self, payment: PaymentRequest) -> PaymentResult:
        self.was_asked.set()
        await self.may_answer.wait()
        return await super().charge(payment)


async def test_while_the_gateway_thinks_the_basket_holds_still_and_the_price_too(shop: Shop) -> None:
    gateway = SlowGateway()
    async with open_till(shop, gateway) as till:
        basket = await till.fill("mug", "mug", "mug")
        paying = asyncio.create_task(till.pay_by_card(basket["id"]))
        await gateway.was_asked.wait()
        refused = [await till.scan("milk"), await till.pay(basket["id"]), await till.pay_by_card(basket["id"])]
        await publish(shop.catalogue, ("promotion", "P1", None), price("mug", 1))
        gateway.may_answer.set()
        status, paid = await paying

    assert [problem["code"] for _, problem in refused] == ["basket-is-being-paid"] * 3
    assert (status, paid["total_minor"], paid["saved_minor"]) == (200, 1000, 500)
    assert len(gateway.charged) == 1


async def test_twenty_cards_at_once_charge_once(till: Till) -> None:
    basket = await till.fill("milk")

    answers = await asyncio.gather(*(till.pay_by_card(basket["id"]) for _ in range(20)))

    assert {status for status, _ in answers} <= {200, 409}
    assert len({paid["receipt_number"] for status, paid in answers if status == 200}) == 1
    assert len(till.gateway.charged) == 1


async def test_a_payment_that_was_under_way_when_the_daemon_ended_is_to_be_taken_back(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(open_small_shop(tmp_path))
        till = await stack.enter_async_context(open_till(shop))
        basket = await till.fill("milk")
        pricing, now = shop.pricing(), shop.clock.now()
        wanted = CheckoutRequest(tender=CardRequest(kind="card", card="test-approved"))
        ask = (basket["id"], wanted, "test-approved", pricing, shop.catalogue.store, now)
        asked = await shop.db.transact(service.ask_card, *ask)
        assert isinstance(asked, Asked)

    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        to_void = await shop.db.transact(service.to_void)
        open_again = (await till.lane())["basket"]
        status, _ = await till.pay(basket["id"])
        await shop.db.transact(service.voided, asked.payment.id)
        left = await shop.db.transact(service.to_void)

    assert to_void == [asked.payment.id]
    assert (open_again["id"], open_again["state"]) == (basket["id"], "open")
    assert status == 200
    assert left == []


async def test_a_payment_that_has_its_order_is_never_taken_back(till: Till) -> None:
    basket = await till.fill("milk")
    _, paid = await till.pay_by_card(basket["id"])
    [asked] = till.gateway.charged

    # The commit was done, and whoever waited for it went away before hearing of it.
    await till.shop.db.transact(service.card_unconfirmed, paid["id"], asked.id)

    assert await payments(till.shop) == ["approved"]
    assert await till.shop.db.transact(service.to_void) == []
