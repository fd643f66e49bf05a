"""Promotions of which there are so many uses only: counted with orders, reserved or leased, and given back."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from edge.baskets import service as baskets
from edge.shop import Shop
from edge.uses import service as uses
from shared.model.order import Order
from shared.promotions import engine
from shared.protocol.payments import PaymentRequest, PaymentResult
from shared.protocol.uses import USES_MAX
from tests.edge.small_shop import NODE_ID, STAFF, HandClock, TestGateway, Thing, Till, open_till, promotion, publish
from tests.edge.specials.world import PlayedOffice, lease, order, states

QUOTA = "promotion:L1"


def limited(**gate: Any) -> Thing:
    """Return 50 % off mugs, so many times only."""
    return promotion(
        {
            "id": "L1", "name": "Mugs at half price", "family": "easy", "target": {"skus": ["mug"]}, "gate": gate,
            "reward": {"kind": "percent", "value": 5000},
        }
    )  # fmt: skip


def a_penny_off(sku: str, layer: int) -> Thing:
    return promotion(
        {
            "id": f"{sku}-{layer}", "name": "A penny off", "family": "easy", "layer": layer,
            "target": {"skus": [sku]}, "gate": {"max_uses_total": 10}, "reward": {"kind": "amount", "value": 1},
        }
    )  # fmt: skip


@pytest.fixture
def office() -> PlayedOffice:
    return PlayedOffice()


@pytest.fixture
async def till(shop: Shop, office: PlayedOffice) -> AsyncIterator[Till]:
    shop.line.online = True
    await publish(shop.catalogue, limited(max_uses_total=2))
    async with open_till(shop, coupons=office) as opened:
        yield opened


async def of(till: Till, customer: str, *skus: str) -> dict[str, Any]:
    """Fill a customer's basket."""
    basket = await till.fill(*(skus or ("mug",)))
    status, shown = await till.call("PUT", f"/api/baskets/{basket['id']}/member", {"customer": customer}, **STAFF)
    assert status == 200, shown
    return shown


async def refund(till: Till, order_id: str, number: int, quantity: int) -> None:
    body = {"lines": [{"number": 1, "quantity": quantity}]}
    path = f"/api/orders/{order_id}/refunds/0190a000-0000-7000-8000-00000000010{number}"
    status, told = await till.call("PUT", path, body, **STAFF)
    assert status == 200, told


async def test_a_use_is_reserved_and_final_with_the_order_however_often_it_applies(
    till: Till, office: PlayedOffice
) -> None:
    basket = await till.fill("mug", "mug", "mug", "soap")

    status, paid = await till.pay(basket["id"])

    [asked] = office.asked
    placed = Order.model_validate_json(json.dumps(await order(till, basket["id"])))
    assert placed.pricing is not None
    again = engine.evaluate(placed.lines, till.shop.catalogue.pack, placed.pricing.around)
    assert (status, paid["total_minor"]) == (200, 750 + 199)
    assert [(use.quota, use.customer) for use in asked.uses] == [(QUOTA, None)]
    assert [(use.promotion, use.grant) for use in placed.promotion_uses] == [("L1", "reserved")]
    assert await states(till) == [(QUOTA, "reserved", "used")]
    assert (again.digest, again.applications) == (placed.pricing.digest, placed.applications)


async def test_what_this_box_used_up_is_not_offered_any_more_and_the_order_says_with_which_counts(
    till: Till, office: PlayedOffice
) -> None:
    for _ in range(2):
        await till.sell("mug")

    third = await till.sell("mug")

    placed = Order.model_validate_json(json.dumps(third))
    assert placed.pricing is not None
    again = engine.evaluate(placed.lines, till.shop.catalogue.pack, placed.pricing.around)
    assert (placed.total_minor, placed.promotion_uses, len(office.asked)) == (500, (), 2)
    assert placed.pricing.uses_total == {"L1": 2}
    assert again.digest == placed.pricing.digest
    assert ("L1", "used_up") in [(refusal.promotion_id, refusal.reason) for refusal in again.refusals]


@pytest.mark.parametrize("result", ["used_up", "customer_used", "unknown"])
async def test_what_others_used_up_is_told_before_anything_is_paid(
    till: Till, office: PlayedOffice, result: str
) -> None:
    office.answers = [result]
    basket = await till.fill("mug")

    refused, told = await till.pay(basket["id"])
    shown = (await till.lane())["basket"]
    status, paid = await till.pay(basket["id"])

    assert (basket["total_minor"], refused, told["code"]) == (250, 409, "promotion-used-up")
    assert "Mugs at half price" in told["title"]
    assert (shown["id"], shown["total_minor"]) == (basket["id"], 500)
    assert (status, paid["total_minor"], len(office.asked)) == (200, 500, 1)
    assert (await order(till, basket["id"]))["pricing"]["uses_total"] == {"L1": 2}


async def test_each_customer_has_so_many_uses_and_a_stranger_none(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, limited(max_uses_per_customer=1))
    totals = [(await till.fill("mug"))["total_minor"]]
    for customer in ("anna", "anna", "ben"):
        basket = (await till.lane())["basket"]
        basket = await of(till, customer, *(() if basket is None else ("soap",)))
        totals.append(basket["total_minor"])
        await till.pay(basket["id"])

    assert totals == [500, 250 + 199, 500, 250]
    assert [use.customer for request in office.asked for use in request.uses] == ["anna", "ben"]


async def test_another_customer_may_have_what_one_may_have_no_more(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, limited(max_uses_per_customer=1))
    office.answers = ["customer_used"]
    basket = await of(till, "anna")

    await till.pay(basket["id"])
    without = (await till.lane())["basket"]["total_minor"]
    ben = await of(till, "ben", "soap")

    assert (without, ben["total_minor"]) == (500, 250 + 199)


async def test_offline_the_lease_is_spent_and_then_the_offer_is_not_shown(till: Till, office: PlayedOffice) -> None:
    await publish(till.shop.catalogue, lease(QUOTA, 1))
    till.shop.line.online = False
    office.answers = [None]

    first, second = await till.sell("mug"), await till.sell("mug")

    assert (first["total_minor"], first["promotion_uses"][0]["grant"]) == (250, "leased")
    assert (second["total_minor"], second["promotion_uses"]) == (500, [])


async def test_head_office_is_asked_for_what_applies_only_since_the_line_is_back(
    till: Till, office: PlayedOffice
) -> None:
    till.shop.line.online = False
    basket = await till.fill("mug")
    till.shop.line.online = True

    status, paid = await till.pay(basket["id"])

    assert (basket["total_minor"], status, paid["total_minor"]) == (500, 200, 250)
    assert [use.quota for request in office.asked for use in request.uses] == [QUOTA]
    assert await states(till) == [(QUOTA, "reserved", "used")]


async def test_head_office_is_asked_for_what_began_after_the_basket_was_shown(
    till: Till, office: PlayedOffice, clock: HandClock
) -> None:
    await publish(till.shop.catalogue, limited(max_uses_total=2, **{"from": "2026-03-03"}), lease(QUOTA, 1))
    basket = await till.fill("mug")
    clock.passed_s += 86_400

    status, paid = await till.pay(basket["id"])

    assert (basket["total_minor"], status, paid["total_minor"]) == (500, 200, 250)
    assert await states(till) == [(QUOTA, "reserved", "used")]


async def test_when_head_office_falls_silent_while_it_is_asked_the_lease_is_spent_or_the_offer_left_out(
    till: Till, office: PlayedOffice
) -> None:
    office.answers = [None]
    basket = await till.fill("mug")

    refused, told = await till.pay(basket["id"])
    status, paid = await till.pay(basket["id"])

    assert (refused, told["code"]) == (409, "promotion-used-up")
    assert (status, paid["total_minor"]) == (200, 500)


async def test_what_head_office_tells_to_be_used_up_is_offered_by_nobody_but_the_holder_of_a_lease(till: Till) -> None:
    told = {"nodes": {NODE_ID: 1}, "used_up": True}
    await publish(till.shop.catalogue, ("lease", QUOTA, told))
    with_lease = await till.fill("mug")
    await publish(till.shop.catalogue, ("lease", QUOTA, {**told, "nodes": {}}))
    without = await till.fill("soap")
    await publish(till.shop.catalogue, ("lease", QUOTA, {"nodes": {}}))
    free_again = (await till.lane())["basket"]

    assert (with_lease["total_minor"], without["total_minor"], free_again["total_minor"]) == (250, 699, 449)


@pytest.mark.parametrize(("answers", "used"), [([], 120), (["reserved", None], 100)])
async def test_a_basket_with_more_uses_than_a_request_holds_asks_in_parts(
    till: Till, office: PlayedOffice, answers: list[str | None], used: int
) -> None:
    pennies = [a_penny_off(sku, layer) for sku in ("mug", "soap") for layer in range(1, USES_MAX // 2 + 11)]
    await publish(till.shop.catalogue, ("promotion", "L1", None), *pennies)
    office.answers = list(answers)
    basket = await till.fill("mug", "soap")

    status, paid = await till.pay(basket["id"])
    if answers:  # silence about the second part: it is left out and told, the first part stays
        assert (status, paid["code"]) == (409, "promotion-used-up")
        status, paid = await till.pay(basket["id"])

    assert basket["total_minor"] == 699 - 120
    assert [len(request.uses) for request in office.asked[:2]] == [USES_MAX, 20]
    assert (status, paid["total_minor"]) == (200, 699 - used)
    assert len((await order(till, basket["id"]))["promotion_uses"]) == used


async def test_goods_that_all_come_back_bring_the_use_back(till: Till) -> None:
    sold = [await till.sell("mug", "mug"), await till.sell("mug")]
    await refund(till, sold[0]["id"], 1, 1)
    in_part = await till.fill("mug")
    await refund(till, sold[0]["id"], 2, 1)
    whole = await till.fill("soap")

    assert (in_part["total_minor"], whole["total_minor"]) == (500, 250 + 199)
    assert [state for _, _, state in await states(till)] == ["returned", "used"]


async def test_a_card_that_comes_to_nothing_gives_the_use_back(shop: Shop, office: PlayedOffice) -> None:
    shop.line.online = True
    await publish(shop.catalogue, limited(max_uses_total=1))
    async with open_till(shop, TestGateway(ends_with=["declined"]), office) as till:
        basket = await till.fill("mug")
        refused, _ = await till.pay_by_card(basket["id"])
        [told] = await shop.db.transact(uses.unreturned, shop.attempts)
        status, paid = await till.pay_by_card(basket["id"])

    assert refused == 409
    assert (told.quota, told.attempt) == (QUOTA, office.asked[0].attempt)
    assert (status, paid["total_minor"]) == (200, 250)


async def test_the_last_use_is_one_lanes_only_while_it_is_being_paid(shop: Shop, office: PlayedOffice) -> None:
    shop.line.online = True
    await publish(shop.catalogue, limited(max_uses_total=1))

    seen = []

    class Watching(TestGateway):
        async def charge(self, payment: PaymentRequest) -> PaymentResult:
            offer = shop.catalogue.picked("mug")
            other = await shop.db.transact(baskets.add, "left", offer, "GBP", shop.pricing())
            seen.append(other.total_minor)
            shop.line.online = False  # whatever is heard meanwhile, the order is what is charged
            return await TestGateway.charge(self, payment)

    async with open_till(shop, Watching(), office) as till:
        basket = await till.fill("mug")
        status, paid = await till.pay_by_card(basket["id"])

    assert (status, paid["total_minor"], seen) == (200, 250, [500])


async def test_a_pack_without_limits_asks_the_disk_nothing_more(shop: Shop) -> None:
    async with open_till(shop) as till:
        await till.fill("mug")
        statements: list[str] = []

        def traced(tx: Any) -> None:
            tx.exec_trace = lambda _cursor, sql, _values: statements.append(sql) or True

        await shop.db.transact(traced)
        await till.fill("milk")
        await shop.db.transact(lambda tx: setattr(tx, "exec_trace", None))

    assert statements
    assert not any(" uses" in statement for statement in statements)
