"""Vouchers: codes that are worth an amount; what a basket does not need stays on the code, or is lost."""

import json
from collections.abc import AsyncIterator

import pytest

from edge.baskets import service as baskets
from edge.shop import Shop
from edge.specials import service
from shared.coupons import recognise
from shared.model.order import Order, Refund
from shared.promotions import engine
from shared.receipts.document import of_order, of_refund
from tests.edge.small_shop import MUGS, STAFF, TestGateway, Till, open_till, promotion, publish
from tests.edge.specials.world import (
    BATCH,
    GIFT,
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

LOST = {**GIFT, "voucher": {**GIFT["voucher"], "remainder": "lost"}}


@pytest.fixture
def office() -> PlayedOffice:
    return PlayedOffice()


@pytest.fixture
async def till(shop: Shop, office: PlayedOffice) -> AsyncIterator[Till]:
    await publish(shop.catalogue, campaign(GIFT))
    async with open_till(shop, coupons=office) as opened:
        yield opened


def gift(serial: int = 1) -> str:
    return code(serial, GIFT)


async def placed(till: Till, basket_id: str) -> Order:
    return Order.model_validate_json(json.dumps(await order(till, basket_id)))


async def spend(till: Till, *skus: str) -> tuple[int, Order]:
    """Pay with the gift card; returns what was left to pay, and the order."""
    basket = await with_coupon(till, gift(), *skus)
    status, paid = await till.pay(basket["id"])
    assert status == 200, paid
    return paid["total_minor"], await placed(till, basket["id"])


async def refund(till: Till, order_id: str, number: int, line: int, quantity: int) -> Refund:
    path = f"/api/orders/{order_id}/refunds/0190a000-0000-7000-8000-00000000020{number}"
    body = {"lines": [{"number": line, "quantity": quantity}]}
    status, told = await till.call("PUT", path, body, **STAFF)
    assert status == 200, told
    return Refund.model_validate_json(json.dumps(told))


async def test_what_a_basket_does_not_need_stays_on_the_code_and_the_receipt_says_it(
    till: Till, office: PlayedOffice
) -> None:
    basket = await with_coupon(till, gift(), "mug")
    await till.pay(basket["id"])
    placed_first = await placed(till, basket["id"])
    second, placed_second = await spend(till, "oil")
    third = await till.fill("mug")
    status, told = await till.call("POST", f"/api/baskets/{third['id']}/coupons", {"code": gift()})

    receipt = of_order(placed_first, till.shop.catalogue.store)
    assert basket["coupons"] == [{"campaign": "gift", "name": "Gift card", "discount_minor": 500, "left_minor": 500}]
    assert second == 899 - 500
    assert [use.voucher.left_minor for use in (*placed_first.coupons, *placed_second.coupons) if use.voucher] == [
        500,
        0,
    ]
    assert [(row.label, row.amount) for row in receipt.vouchers] == [("Left on Gift card", "5.00")]
    assert [use.minor for request in office.asked for use in request.uses] == [500, 500]
    assert (status, told["code"]) == (409, "voucher-spent")


async def test_the_order_can_be_priced_again(till: Till) -> None:
    await publish(till.shop.catalogue, campaign(BATCH), opened_by("summer"))
    basket = await with_coupon(till, code(1), "mug", "oil")
    await till.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": gift()})
    await till.pay(basket["id"])

    made = await placed(till, basket["id"])
    assert made.pricing is not None
    again = engine.evaluate(made.lines, till.shop.catalogue.pack.with_own(made.own_promotions), made.pricing.around)
    assert [(use.promotion_id, use.discount_minor) for use in made.applications] == [
        ("C-summer", 140),
        ("voucher:2", 1_000),
    ]
    assert (again.digest, again.applications) == (made.pricing.digest, made.applications)


async def test_a_promotion_of_head_office_is_not_taken_for_the_vouchers_own(till: Till) -> None:
    of_head_office = {**MUGS, "id": "voucher:1", "reward": {"kind": "amount", "value": 100}}
    await publish(till.shop.catalogue, promotion(of_head_office), promotion({**MUGS, "id": "operator:1"}))

    paid, made = await spend(till, "mug")

    assert (paid, made.coupons[0].minor) == (0, 500)
    assert sorted(till.shop.catalogue.left_out) == ["operator:1", "voucher:1"]
    assert "begins like" in till.shop.catalogue.left_out["voucher:1"]


async def test_what_a_promotion_gives_for_the_same_code_is_not_taken_off_it(till: Till) -> None:
    await publish(till.shop.catalogue, opened_by("gift", reward={"kind": "amount", "value": 100}))

    basket = await with_coupon(till, gift(), "mug")
    _, paid = await till.pay(basket["id"])

    [shown] = basket["coupons"]
    made = await placed(till, basket["id"])
    assert (shown["discount_minor"], shown["left_minor"], paid["total_minor"]) == (500, 600, 0)
    assert made.coupons[0].voucher is not None
    assert made.coupons[0].voucher.left_minor == 600


async def test_a_remainder_that_is_lost_is_gone(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, campaign(LOST))
    paid, made = await spend(till, "mug")
    again = await till.fill("mug")
    status, told = await till.call("POST", f"/api/baskets/{again['id']}/coupons", {"code": gift()})

    assert (paid, office.asked[0].uses[0].minor) == (0, 1_000)
    assert of_order(made, till.shop.catalogue.store).vouchers == ()
    assert (status, told["code"]) == (409, "voucher-spent")


async def test_two_vouchers_and_a_coupon_work_one_after_the_other(till: Till) -> None:
    other = {**GIFT, "id": "prize", "name": "Prize", "text": "PRIZE"}
    await publish(till.shop.catalogue, campaign(other), campaign(SHARED), opened_by("welcome"))
    basket = await with_coupon(till, gift(), "crate")
    await till.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": "WELCOME10"})
    _, both = await till.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": code(1, other)})

    assert [coupon["discount_minor"] for coupon in both["coupons"]] == [1_000, 200, 800]
    assert both["total_minor"] == 0


async def test_less_that_head_office_knows_to_be_left_is_told_before_anything_is_paid(
    till: Till, office: PlayedOffice
) -> None:
    office.answers = [("too_little", 300)]
    basket = await with_coupon(till, gift(), "mug")

    refused, told = await till.pay(basket["id"])
    shown = (await till.lane())["basket"]
    status, paid = await till.pay(basket["id"])

    assert (refused, told["code"]) == (409, "voucher-changed")
    assert (shown["total_minor"], shown["coupons"][0]["left_minor"]) == (200, 0)
    assert (status, paid["total_minor"]) == (200, 200)


async def test_the_receipt_tells_what_head_office_knows_to_be_left(till: Till, office: PlayedOffice) -> None:
    office.answers = [("reserved", 600)]

    _, made = await spend(till, "mug")

    assert made.coupons[0].voucher is not None
    assert made.coupons[0].voucher.left_minor == 100
    assert made.pricing is not None
    again = engine.evaluate(made.lines, till.shop.catalogue.pack.with_own(made.own_promotions), made.pricing.around)
    assert again.digest == made.pricing.digest


async def test_offline_the_lease_bounds_how_often_and_the_box_knows_what_it_took_itself(
    till: Till, office: PlayedOffice
) -> None:
    await publish(till.shop.catalogue, lease("gift", 2))
    office.answers = [None, None, None]
    first, second = await spend(till, "mug"), await spend(till, "oil")
    basket = await with_coupon(till, gift(2), "mug")
    status, told = await till.pay(basket["id"])

    assert (first[0], second[0]) == (0, 399)
    assert [use.grant for made in (first[1], second[1]) for use in made.coupons] == ["leased", "leased"]
    assert (status, told["code"]) == (409, "coupon-not-checked")


async def test_where_the_lease_is_spent_the_receipt_still_tells_what_head_office_knows_to_be_left(
    till: Till, office: PlayedOffice
) -> None:
    await publish(till.shop.catalogue, campaign({**GIFT, "max_uses_total": 10}), lease("gift", 1))
    office.answers = [("used_up", 600)]

    _, made = await spend(till, "mug")

    assert made.coupons[0].grant == "leased"
    assert made.coupons[0].voucher is not None
    assert made.coupons[0].voucher.left_minor == 100


async def test_one_code_at_two_lanes_pays_once(till: Till, office: PlayedOffice) -> None:
    shop = till.shop
    basket = await with_coupon(till, gift(), "oil")
    coupon = recognise(gift(), shop.catalogue.campaigns.values())
    other = await shop.db.transact(service.scan_coupon, "left", coupon, "GBP", shop.pricing())
    await shop.db.transact(baskets.add, "left", shop.catalogue.picked("oil"), "GBP", shop.pricing())
    await till.pay(other.id)

    refused, told = await till.pay(basket["id"])
    status, paid = await till.pay(basket["id"])

    assert (basket["total_minor"], refused, told["code"]) == (0, 409, "voucher-changed")
    assert (status, paid["total_minor"]) == (200, 798)


async def test_a_card_that_comes_to_nothing_leaves_the_balance_as_it_was(shop: Shop, office: PlayedOffice) -> None:
    await publish(shop.catalogue, campaign(GIFT))
    async with open_till(shop, TestGateway(ends_with=["declined"]), office) as till:
        basket = await with_coupon(till, gift(), "crate")
        refused, _ = await till.pay_by_card(basket["id"])
        after = await states(till)
        status, paid = await till.pay(basket["id"])

    assert (refused, after) == (409, [("gift", "reserved", "to_return")])
    assert (status, paid["total_minor"]) == (200, 1_000)


async def test_units_that_come_back_put_back_what_the_voucher_paid_of_them(till: Till) -> None:
    _, made = await spend(till, "crate", "crate", "crate")
    backs = [await refund(till, made.id, number, 1, 1) for number in (1, 2, 3)]
    paid, _ = await spend(till, "mug")

    assert [back.total_minor for back in backs] == [1_667, 1_667, 1_666]
    assert [back.vouchers[0].minor for back in backs] == [333, 333, 334]
    assert of_refund(backs[0], till.shop.catalogue.store).vouchers[0].label == "Back on Gift card"
    assert paid == 0


async def test_a_part_that_comes_back_can_be_spent_again(till: Till) -> None:
    _, made = await spend(till, "crate", "crate")
    await refund(till, made.id, 1, 1, 1)

    basket = await with_coupon(till, gift(), "crate")

    assert basket["total_minor"] == 2_000 - 500


async def test_a_lost_remainder_comes_back_with_the_whole_order_only(till: Till) -> None:
    await publish(till.shop.catalogue, campaign(LOST))
    _, made = await spend(till, "mug", "soap")
    first = await refund(till, made.id, 1, 1, 1)
    second = await refund(till, made.id, 2, 2, 1)
    basket = await with_coupon(till, gift(), "crate")

    assert (first.vouchers, [back.minor for back in second.vouchers]) == ((), [1_000])
    assert basket["total_minor"] == 1_000


async def test_a_voucher_of_another_currency_is_refused(till: Till) -> None:
    await publish(till.shop.catalogue, campaign({**GIFT, "voucher": {**GIFT["voucher"], "currency": "EUR"}}))
    basket = await till.fill("mug")

    status, told = await till.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": gift()})

    assert (status, told["code"]) == (409, "voucher-elsewhere")
