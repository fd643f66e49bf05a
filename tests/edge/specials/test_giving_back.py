"""What a payment reserved and did not need is given back: at once, and also after a power cut."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from edge.baskets import service as baskets
from edge.checkout import service as checkout
from edge.checkout.gateway import GatewaySilent
from edge.checkout.models import CardRequest, CheckoutRequest
from edge.shop import Shop
from edge.specials import service
from edge.specials.models import Counting
from edge.uses import service as uses
from shared.coupons import recognise
from shared.protocol.uses import Reservation, ReservationRequest
from tests.edge.small_shop import Till, open_small_shop, open_till, publish
from tests.edge.specials.world import BATCH, PlayedOffice, campaign, code, lease, opened_by, states, with_coupon


@pytest.fixture
def office() -> PlayedOffice:
    return PlayedOffice()


@pytest.fixture
async def till(shop: Shop, office: PlayedOffice) -> AsyncIterator[Till]:
    await publish(shop.catalogue, campaign(BATCH), opened_by("summer"))
    async with open_till(shop, coupons=office) as opened:
        yield opened


@pytest.mark.parametrize("end", ["declined", GatewaySilent()])
async def test_a_card_that_comes_to_nothing_gives_the_use_back(
    till: Till, office: PlayedOffice, end: str | Exception
) -> None:
    till.gateway.ends_with = [end]
    basket = await with_coupon(till, code(1))

    refused, _ = await till.pay_by_card(basket["id"])
    between = await states(till)
    [told] = await till.shop.db.transact(uses.unreturned, till.shop.attempts)
    await till.shop.db.transact(uses.returned, told)
    after = await states(till)
    status, _ = await till.pay(basket["id"])

    assert refused >= 400
    assert between == [("summer", "reserved", "to_return")]
    assert (told.basket_id, told.attempt) == (basket["id"], office.asked[0].attempt)
    assert after == [("summer", "reserved", "returned")]
    assert status == 200
    assert await states(till) == [("summer", "reserved", "used")]
    assert office.asked[1].attempt != office.asked[0].attempt


async def test_a_leased_use_that_came_to_nothing_can_be_spent_again(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, lease("summer", 1))
    till.gateway.ends_with = ["declined"]
    office.answers = [None, None]
    basket = await with_coupon(till, code(1))

    await till.pay_by_card(basket["id"])
    status, _ = await till.pay_by_card(basket["id"])

    assert status == 200


@pytest.mark.parametrize("result", ["used_up", None])
async def test_what_was_asked_for_a_payment_that_was_refused_is_given_back_at_once(
    till: Till, office: PlayedOffice, result: str | None
) -> None:
    office.answers = [result]  # or reserved unheard: the answer was lost
    basket = await with_coupon(till, code(1))

    status, _ = await till.pay(basket["id"])
    told = await till.shop.db.transact(uses.unreturned, till.shop.attempts)

    assert status == 409
    assert [(one.basket_id, one.attempt) for one in told] == [(basket["id"], office.asked[0].attempt)]


async def test_a_payment_that_is_going_on_keeps_what_it_asked_for(till: Till) -> None:
    seen = []

    class Watching(PlayedOffice):
        async def reserve(self, request: ReservationRequest) -> Reservation:
            seen.append(await till.shop.db.transact(uses.unreturned, till.shop.attempts))
            return await PlayedOffice.reserve(self, request)

    async with open_till(till.shop, coupons=Watching()) as other:
        basket = await with_coupon(other, code(1))
        status, _ = await other.pay(basket["id"])

    assert (status, seen) == (200, [[]])


async def test_what_was_asked_for_before_a_power_cut_is_given_back_after_it(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        await publish(shop.catalogue, campaign(BATCH), opened_by("summer"))
        basket = await with_coupon(till, code(1))
        wanted = CheckoutRequest(tender=CardRequest(kind="card", card="test-approved"))
        with shop.paying() as attempt:
            counting = Counting(shop.catalogue.campaigns)
            now, store = shop.clock.now(), shop.catalogue.store
            await shop.db.transact(
                checkout.ask_office, basket["id"], wanted, attempt, shop.pricing(), store, now, counting
            )

    async with open_small_shop(tmp_path) as shop:
        told = await shop.db.transact(uses.unreturned, shop.attempts)

    assert [one.attempt for one in told] == [attempt]


@pytest.mark.parametrize(
    ("payment", "problem"),
    [
        ({"tender": {"kind": "cash", "tendered_minor": 1}}, "cash-too-little"),
        ({"tender": {"kind": "card", "card": "test-approved"}, "total_minor": 1}, "total-changed"),
    ],
)
async def test_nothing_is_reserved_for_a_basket_that_cannot_be_paid_so(
    till: Till, office: PlayedOffice, payment: dict[str, Any], problem: str
) -> None:
    basket = await with_coupon(till, code(1))

    status, told = await till.call("POST", f"/api/baskets/{basket['id']}/checkout", payment)

    assert (status, told["code"]) == (409, problem)
    assert (office.asked, await states(till)) == ([], [])


async def test_nothing_is_reserved_where_this_box_knows_that_the_code_is_used(till: Till, office: PlayedOffice) -> None:
    shop = till.shop
    basket = await with_coupon(till, code(1))
    coupon = recognise(code(1), shop.catalogue.campaigns.values())
    other = await shop.db.transact(service.scan_coupon, "left", coupon, "GBP", shop.pricing())
    await shop.db.transact(baskets.add, "left", shop.catalogue.picked("mug"), "GBP", shop.pricing())
    await till.pay(other.id)

    status, told = await till.pay(basket["id"])

    assert (status, told["code"]) == (409, "coupon-used")
    assert [request.basket_id for request in office.asked] == [other.id]


async def test_a_daemon_that_died_while_a_card_was_asked_gives_the_use_back(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(open_small_shop(tmp_path))
        till = await stack.enter_async_context(open_till(shop, coupons=PlayedOffice()))
        await publish(shop.catalogue, campaign(BATCH), opened_by("summer"), lease("summer", 1))
        basket = await with_coupon(till, code(1))
        wanted = CheckoutRequest(tender=CardRequest(kind="card", card="test-approved"))
        counting = Counting(shop.catalogue.campaigns)
        ask = (basket["id"], wanted, "x", shop.pricing(), shop.catalogue.store, shop.clock.now(), counting)
        await shop.db.transact(checkout.ask_card, *ask)
        held = await states(till)

    async with open_small_shop(tmp_path) as shop, open_till(shop, coupons=PlayedOffice([None])) as till:
        after = await states(till)
        status, _ = await till.pay(basket["id"])

    assert held == [("summer", "leased", "held")]
    assert after == [("summer", "leased", "returned")]
    assert status == 200


async def test_each_campaigns_use_is_given_back_under_its_own_attempt(till: Till, office: PlayedOffice) -> None:
    other = {**BATCH, "id": "winter", "name": "Winter", "text": "ICE"}
    await publish(till.shop.catalogue, campaign(other), opened_by("winter"))
    office.answers = ["code_used", "reserved"]
    basket = await with_coupon(till, code(1), "mug")
    await till.pay(basket["id"])
    await till.call("DELETE", f"/api/baskets/{basket['id']}/coupons/summer")
    await till.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": code(1, other)})
    till.gateway.ends_with = ["declined"]
    await till.pay_by_card(basket["id"])

    told = await till.shop.db.transact(uses.unreturned, till.shop.attempts)

    assert ("winter", office.asked[-1].attempt) in [(one.quota, one.attempt) for one in told]
