"""Uses are counted when a basket is paid: reserved or leased, final with the order, or else given back."""

from collections.abc import AsyncIterator

import pytest

from edge.baskets import service as baskets
from edge.checkout import service as checkout
from edge.checkout.models import CardRequest, CheckoutRequest
from edge.database import Transaction
from edge.shop import Shop
from edge.specials import counting, service
from edge.specials.models import Counting, CouponNotChecked, CouponUsed
from shared.coupons import recognise
from tests.edge.small_shop import HandClock, Till, open_till, publish
from tests.edge.specials.world import (
    BATCH,
    SHARED,
    PlayedOffice,
    campaign,
    code,
    lease,
    opened_by,
    order,
    states,
    with_coupon,
)


@pytest.fixture
def office() -> PlayedOffice:
    return PlayedOffice()


@pytest.fixture
async def till(shop: Shop, office: PlayedOffice) -> AsyncIterator[Till]:
    await publish(shop.catalogue, campaign(BATCH), opened_by("summer"))
    async with open_till(shop, coupons=office) as opened:
        yield opened


async def test_a_use_is_reserved_at_head_office_and_final_with_the_order(till: Till, office: PlayedOffice) -> None:
    basket = await with_coupon(till, code(1))

    status, paid = await till.pay(basket["id"])

    digest = recognise(code(1), till.shop.catalogue.campaigns.values()).digest
    [asked] = office.asked
    assert (status, paid["total_minor"]) == (200, 450)
    assert asked.basket_id == basket["id"]
    assert [(use.quota, use.digest) for use in asked.uses] == [("summer", digest)]
    assert await states(till) == [("summer", "reserved", "used")]
    placed = await order(till, basket["id"])
    use = {"campaign": "summer", "digest": digest, "customer": None, "grant": "reserved", "voucher": None}
    assert placed["coupons"] == [use]
    assert placed["applications"][0]["opened_by"] == "summer"
    assert placed["pricing"]["coupons"] == ["summer"]
    assert code(1) not in str(placed)


async def test_without_coupons_nobody_is_asked_and_nothing_is_written(till: Till, office: PlayedOffice) -> None:
    await till.sell("mug")

    assert office.asked == []
    assert await states(till) == []


async def test_a_coupon_that_takes_nothing_off_is_not_spent(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, opened_by("summer", target={"skus": ["vase"]}))
    basket = await with_coupon(till, code(1))

    status, _ = await till.pay(basket["id"])

    assert (status, office.asked, await states(till)) == (200, [], [])
    assert (await order(till, basket["id"]))["coupons"] == []


async def test_a_code_without_limits_is_not_counted(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, campaign(SHARED), opened_by("welcome"))
    basket = await with_coupon(till, "WELCOME10")

    status, _ = await till.pay(basket["id"])

    assert (status, office.asked) == (200, [])
    assert (await order(till, basket["id"]))["coupons"][0]["grant"] == "free"


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        ("code_used", "coupon-used"),
        ("customer_used", "coupon-used-up"),
        ("used_up", "coupon-used-up"),
        ("unknown", "coupon-over"),
        (None, "coupon-not-checked"),
    ],
)
async def test_what_head_office_refuses_is_not_paid_for_and_the_basket_can_be_paid_without_it(
    till: Till, office: PlayedOffice, result: str | None, problem: str
) -> None:
    office.answers = [result]
    basket = await with_coupon(till, code(1))

    refused, told = await till.pay(basket["id"])
    await till.call("DELETE", f"/api/baskets/{basket['id']}/coupons/summer")
    status, paid = await till.pay(basket["id"])

    assert (refused, told["code"]) == (409, problem)
    assert (status, paid["total_minor"]) == (200, 500)
    assert (await order(till, basket["id"]))["coupons"] == []


async def test_offline_uses_spend_the_lease_and_then_are_refused(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, lease("summer", 2))
    office.answers = [None] * 3
    statuses, grants = [], []
    for serial in (1, 2, 3):
        basket = await with_coupon(till, code(serial))
        status, told = await till.pay(basket["id"])
        statuses.append(status)
        if status == 200:
            grants.append((await order(till, basket["id"]))["coupons"][0]["grant"])

    assert statuses == [200, 200, 409]
    assert grants == ["leased", "leased"]
    assert told["code"] == "coupon-not-checked"
    assert "line is back" in told["hint"]


async def test_a_lease_is_another_boxs_or_this_ones(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, lease("summer", 5, node_id="0190a000-0000-7000-8000-000000000077"))
    office.answers = [None]
    basket = await with_coupon(till, code(1))

    status, told = await till.pay(basket["id"])

    assert (status, told["code"]) == (409, "coupon-not-checked")


async def test_when_the_rest_is_leased_away_the_box_spends_its_own_lease(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, lease("summer", 1))
    office.answers = ["used_up"]
    basket = await with_coupon(till, code(1))

    status, _ = await till.pay(basket["id"])

    assert status == 200
    assert await states(till) == [("summer", "leased", "used")]


async def test_a_code_that_this_box_took_before_is_refused_at_once_even_offline(
    till: Till, office: PlayedOffice
) -> None:
    await publish(till.shop.catalogue, lease("summer", 5))
    office.answers = [None]
    basket = await with_coupon(till, code(1))
    await till.pay(basket["id"])
    another = await till.fill("mug")

    status, told = await till.call("POST", f"/api/baskets/{another['id']}/coupons", {"code": code(1)})

    assert (status, told["code"]) == (409, "coupon-used")


async def test_one_code_shown_at_two_lanes_at_once_is_paid_with_once(shop: Shop) -> None:
    await publish(shop.catalogue, campaign(BATCH), opened_by("summer"), lease("summer", 5))
    coupon = recognise(code(1), shop.catalogue.campaigns.values())
    offer, pricing = shop.catalogue.picked("mug"), shop.pricing()
    counting = Counting(shop.catalogue.campaigns)
    baskets = []
    for lane in ("left", "right"):
        baskets.append((await shop.db.transact(service.scan_coupon, lane, coupon, "GBP", pricing)).id)
        await shop.db.transact(checkout.baskets.add, lane, offer, "GBP", pricing)
    wanted = CheckoutRequest(tender=CardRequest(kind="card", card="test-approved"))
    ask = (wanted, "test-approved", pricing, shop.catalogue.store, shop.clock.now(), counting)

    await shop.db.transact(checkout.ask_card, baskets[0], *ask)
    with pytest.raises(CouponUsed):
        await shop.db.transact(checkout.ask_card, baskets[1], *ask)


async def test_a_campaign_that_is_withdrawn_before_the_payment_is_told(till: Till) -> None:
    basket = await with_coupon(till, code(1))
    await publish(till.shop.catalogue, ("coupon", "summer", None))

    status, told = await till.pay(basket["id"])

    assert (status, told["code"]) == (409, "coupon-over")


async def test_a_limit_per_customer_needs_a_customer(till: Till) -> None:
    once = campaign(SHARED, max_uses_per_customer=1)
    await publish(till.shop.catalogue, once, opened_by("welcome"), lease("welcome", 5))
    basket = await with_coupon(till, "WELCOME10")

    status, told = await till.pay(basket["id"])

    assert (status, told["code"]) == (409, "coupon-needs-customer")


async def test_a_paid_basket_answers_its_order_again_and_counts_once(till: Till, office: PlayedOffice) -> None:
    basket = await with_coupon(till, code(1))
    _, first = await till.pay(basket["id"])

    _, again = await till.pay(basket["id"])

    assert again["receipt_number"] == first["receipt_number"]
    assert len(office.asked) == 1


async def test_a_voucher_is_a_coupon_of_a_fixed_value_whose_remainder_is_lost(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, opened_by("summer", reward={"kind": "set_amount", "value": 1_000}))
    basket = await with_coupon(till, code(1))

    status, paid = await till.pay(basket["id"], tendered_minor=0)
    office.answers = ["code_used"]
    another = await till.fill("crate")
    again, told = await till.call("POST", f"/api/baskets/{another['id']}/coupons", {"code": code(1)})

    assert (status, paid["total_minor"], paid["saved_minor"]) == (200, 0, 500)  # 10.00 on 5.00: no change is given
    assert (again, told["code"]) == (409, "coupon-used")


async def test_what_was_said_of_one_code_is_not_true_of_another(till: Till) -> None:
    basket = await with_coupon(till, code(1))
    spoken_of = Counting(
        campaigns=till.shop.catalogue.campaigns, results={("summer", "another code's digest", None): "reserved"}
    )

    with pytest.raises(CouponNotChecked):
        await till.shop.db.transact(_hold, till, basket["id"], spoken_of)


def _hold(tx: Transaction, till: Till, basket_id: str, known: Counting) -> None:
    pricing = till.shop.pricing()
    counting.hold(tx, baskets.basket(tx, basket_id, pricing), known, pricing, pricing.now)


async def test_a_campaign_that_ended_before_the_payment_is_told(till: Till, clock: HandClock) -> None:
    await publish(till.shop.catalogue, campaign(BATCH, closes="2026-03-02"))
    basket = await with_coupon(till, code(1))
    clock.passed_s += 3 * 86_400

    status, told = await till.pay(basket["id"])

    assert (status, told["code"]) == (409, "coupon-over")
