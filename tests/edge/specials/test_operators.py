"""What staff decide on the spot: with a reason, within the store's caps, and the same again at head office."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.model.order import Order
from shared.promotions import engine
from tests.edge.small_shop import NODE_ID, STAFF, Till, open_small_shop, open_till, promotion, publish, setting
from tests.edge.specials.world import SHARED, campaign, opened_by

DAMAGED = {"reason": "Damaged pack", "operator": "anna"}


async def give(till: Till, basket_id: str, **wanted: Any) -> tuple[int, Any]:
    path = f"/api/baskets/{basket_id}/operator-discounts"
    return await till.call("POST", path, {**DAMAGED, **wanted}, **STAFF)


@pytest.mark.parametrize(
    ("wanted", "total_minor"),
    [
        ({"percent_bp": 1000}, 450 + 179),
        ({"line": 1, "percent_bp": 2000}, 400 + 199),
        ({"line": 2, "amount_minor": 39}, 500 + 160),
        ({"amount_minor": 100}, 599),
    ],
)
async def test_a_discount_on_a_line_or_the_basket(till: Till, wanted: dict[str, Any], total_minor: int) -> None:
    basket = await till.fill("mug", "soap")

    status, shown = await give(till, basket["id"], **wanted)

    assert (status, shown["total_minor"]) == (200, total_minor)
    assert shown["operator_discounts"] == [
        {"id": "operator:1", "reason": "Damaged pack", "discount_minor": 699 - total_minor}
    ]


async def test_the_order_says_who_gave_what_and_why_and_can_be_priced_again(till: Till) -> None:
    basket = await till.fill("tea", "mug", "mug", "mug")
    await give(till, basket["id"], line=1, percent_bp=2000)

    _, paid = await till.pay(basket["id"])
    _, body = await till.call("GET", f"/api/orders/{paid['id']}")

    order = Order.model_validate_json(json.dumps(body))
    assert order.pricing is not None
    [discount] = order.operator_discounts
    use = next(use for use in order.applications if use.promotion_id == "operator:1")
    again = engine.evaluate(order.lines, till.shop.catalogue.pack.with_own(order.own_promotions), order.pricing.around)
    assert (discount.operator, discount.reason, discount.at) == ("anna", "Damaged pack", till.shop.clock.now())
    assert (use.name, use.opened_by, use.layer) == ("Damaged pack", "operator:anna", 50)
    assert order.pack_version == till.shop.catalogue.pack.version
    assert again.digest == order.pricing.digest
    assert again.applications == order.applications


async def test_only_staff_give_discounts(till: Till) -> None:
    basket = await till.fill("mug")
    path = f"/api/baskets/{basket['id']}"

    by_anybody, problem = await till.call("POST", f"{path}/operator-discounts", {**DAMAGED, "percent_bp": 100})
    off, _ = await till.call("DELETE", f"{path}/operator-discounts/operator:1")
    member, _ = await till.call("PUT", f"{path}/member", {"tags": ["staff"]})

    assert (by_anybody, problem["code"], off, member) == (403, "attendant-only", 403, 403)


@pytest.mark.parametrize(
    ("settings", "wanted", "status"),
    [
        ({}, {"percent_bp": 2001}, 403),
        ({}, {"line": 1, "amount_minor": 101}, 403),
        ({}, {"line": 1, "amount_minor": 100}, 200),
        ({"operator_discount_max_bp": 10_000}, {"percent_bp": 10_000}, 200),
        ({"operator_discount_max_minor": 99}, {"percent_bp": 2000}, 403),
        ({"operator_discount_max_minor": 100}, {"percent_bp": 2000}, 200),
        ({"operator_discount_max_bp": 0}, {"amount_minor": 1}, 403),
    ],
)
async def test_nobody_gives_more_than_the_store_allows(
    till: Till, settings: dict[str, Any], wanted: dict[str, Any], status: int
) -> None:
    await publish(till.shop.catalogue, setting(**settings))
    basket = await till.fill("mug")

    answer, told = await give(till, basket["id"], **wanted)

    assert answer == status, told
    assert (await till.lane())["basket"]["total_minor"] == (told["total_minor"] if status == 200 else 500)


async def test_a_basket_that_shrank_is_not_paid_with_more_than_the_cap(till: Till) -> None:
    basket = await till.fill("mug", "oil")
    await give(till, basket["id"], amount_minor=250)
    await till.call("PUT", f"/api/baskets/{basket['id']}/lines/2", {"quantity": 0})

    refused, told = await till.pay(basket["id"])
    await till.call("DELETE", f"/api/baskets/{basket['id']}/operator-discounts/operator:1", **STAFF)
    status, paid = await till.pay(basket["id"])

    assert (refused, told["code"], told["facts"]["most_minor"]) == (403, "operator-cap", 100)
    assert (status, paid["total_minor"]) == (200, 500)


async def test_two_discounts_never_add_up_on_one_product(till: Till) -> None:
    basket = await till.fill("mug", "soap")
    await give(till, basket["id"], line=1, percent_bp=2000)

    again, told = await give(till, basket["id"], line=1, percent_bp=1000)
    other, shown = await give(till, basket["id"], line=2, percent_bp=1000)

    assert (again, told["code"]) == (409, "nothing-to-discount")
    assert (other, shown["discount_minor"]) == (200, 100 + 20)
    assert [given["id"] for given in shown["operator_discounts"]] == ["operator:1", "operator:2"]


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"line": 7, "percent_bp": 100}, 404, "not-found"),
        ({}, 400, "bad-request"),
        ({"percent_bp": 100, "amount_minor": 5}, 400, "bad-request"),
        ({"percent_bp": 0}, 400, "bad-request"),
        ({"amount_minor": -5}, 400, "bad-request"),
        ({"percent_bp": 100, "reason": ""}, 400, "bad-request"),
        ({"percent_bp": 100, "operator": "x" * 60}, 400, "bad-request"),
    ],
)
async def test_a_discount_that_makes_no_sense_is_refused(
    till: Till, wanted: dict[str, Any], status: int, code: str
) -> None:
    basket = await till.fill("mug")

    answer, told = await give(till, basket["id"], **wanted)

    assert (answer, told["code"]) == (status, code)


async def test_it_comes_after_coupons_and_stays_over_a_power_cut(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        await publish(shop.catalogue, campaign(SHARED), opened_by("welcome"))
        basket = await till.fill("mug")
        await give(till, basket["id"], percent_bp=2000)
        await till.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": "WELCOME10"})
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        shown = (await till.lane())["basket"]
        status, paid = await till.pay(basket["id"])

    assert shown["total_minor"] == 360  # 500 less 10 % is 450, less 20 %
    assert (status, paid["total_minor"]) == (200, 360)


STAFF_PRICE = {
    "id": "S1", "name": "Staff price", "family": "special", "layer": 60, "gate": {"member_tag": "staff"},
    "reward": {"kind": "percent", "value": 3000},
}  # fmt: skip


async def test_staff_and_tiers_have_their_prices_once_the_attendant_noted_them(till: Till) -> None:
    await publish(till.shop.catalogue, promotion(STAFF_PRICE))
    basket = await till.fill("mug")
    path = f"/api/baskets/{basket['id']}/member"

    status, staff = await till.call("PUT", path, {"customer": "E-17", "tags": ["staff", "gold"]}, **STAFF)
    forgotten, nobody = await till.call("PUT", path, {}, **STAFF)
    await till.call("PUT", path, {"tags": ["staff"]}, **STAFF)
    _, paid = await till.pay(basket["id"])
    _, order = await till.call("GET", f"/api/orders/{paid['id']}")

    assert (status, staff["total_minor"]) == (200, 350)
    assert (forgotten, nobody["total_minor"]) == (200, 500)
    assert order["pricing"]["member_tags"] == ["staff"]
    assert order["applications"][0]["opened_by"] == "staff"


async def test_nobody_passes_for_an_operator_by_a_tag(till: Till) -> None:
    basket = await till.fill("mug")

    status, told = await till.call("PUT", f"/api/baskets/{basket['id']}/member", {"tags": ["operator:anna"]}, **STAFF)

    assert (status, told["code"]) == (400, "bad-request")


async def test_a_limit_per_customer_counts_the_customer_that_was_noted(till: Till) -> None:
    once = campaign(SHARED, max_uses_per_customer=1)
    await publish(till.shop.catalogue, once, opened_by("welcome"), ("lease", "welcome", {"nodes": {NODE_ID: 5}}))
    statuses = []
    for customer in ("E-17", "E-17", "E-18"):
        basket = (await till.lane())["basket"] or await till.fill("mug")
        await till.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": "WELCOME10"})
        await till.call("PUT", f"/api/baskets/{basket['id']}/member", {"customer": customer}, **STAFF)
        statuses.append((await till.pay(basket["id"]))[0])

    assert statuses == [200, 409, 200]


async def test_a_share_of_a_line_is_for_the_units_that_were_there(till: Till) -> None:
    basket = await till.fill("soap")
    await give(till, basket["id"], line=1, percent_bp=2000)

    _, grown = await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": 100})

    assert grown["operator_discounts"][0]["discount_minor"] == 40


async def test_a_reason_is_a_reason(till: Till) -> None:
    basket = await till.fill("soap")

    status, told = await give(till, basket["id"], percent_bp=1000, reason="  ")

    assert (status, told["code"]) == (400, "bad-request")
