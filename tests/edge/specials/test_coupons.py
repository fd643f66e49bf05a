"""Coupons in a basket: put in, taken off, kept over a power cut, and told clearly when they are no good."""

from pathlib import Path
from typing import Any

import pytest

from edge.intake import take_scan
from edge.shop import Shop
from shared.model.special import COUPONS_MAX
from tests.edge.small_shop import HandClock, Till, numbered, open_small_shop, open_till, publish
from tests.edge.specials.world import BATCH, SHARED, campaign, code, opened_by


async def put(till: Till, basket_id: str, text: str) -> tuple[int, Any]:
    return await till.call("POST", f"/api/baskets/{basket_id}/coupons", {"code": text})


async def test_a_coupon_opens_its_promotion_and_the_screen_says_what_it_took_off(till: Till) -> None:
    await publish(till.shop.catalogue, campaign(SHARED), opened_by("welcome"))
    basket = await till.fill("mug")

    status, with_coupon = await put(till, basket["id"], "welcome 10")

    assert basket["total_minor"] == 500
    assert (status, with_coupon["total_minor"], with_coupon["discount_minor"]) == (200, 450, 50)
    assert with_coupon["coupons"] == [
        {"campaign": "welcome", "name": "Welcome", "discount_minor": 50, "left_minor": None}
    ]
    assert with_coupon["version"] > basket["version"]
    assert (await till.lane())["basket"] == with_coupon


async def test_a_coupon_stays_with_the_basket_whatever_is_scanned_later_and_over_a_power_cut(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        await publish(shop.catalogue, campaign(BATCH), opened_by("summer", 20))
        basket = await till.fill("mug")
        await put(till, basket["id"], code(7))
        await till.fill("soap")
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        later = (await till.lane())["basket"]

    assert later["total_minor"] == 400 + 159
    assert [coupon["campaign"] for coupon in later["coupons"]] == ["summer"]


async def test_a_coupon_can_be_taken_off(till: Till) -> None:
    await publish(till.shop.catalogue, campaign(SHARED), opened_by("welcome"))
    basket = await till.fill("mug")
    await put(till, basket["id"], "WELCOME10")
    path = f"/api/baskets/{basket['id']}/coupons/welcome"

    status, without = await till.call("DELETE", path)
    again, problem = await till.call("DELETE", path)

    assert (status, without["total_minor"], without["coupons"]) == (200, 500, [])
    assert (again, problem["code"]) == (404, "coupon-not-in-basket")


async def test_a_coupon_that_is_scanned_goes_into_the_lanes_basket(till: Till) -> None:
    await publish(till.shop.catalogue, campaign(BATCH), opened_by("summer"))

    status, first = await till.call("POST", "/api/lanes/kiosk/scans", {"code": code(3)})  # before any product
    basket = await till.fill("mug")

    assert (status, first["lines"]) == (200, [])
    assert basket["id"] == first["id"]
    assert basket["total_minor"] == 450


async def test_a_scanner_reads_coupons_and_the_lane_is_told_what_is_wrong_with_them(shop: Shop) -> None:
    await publish(shop.catalogue, campaign(BATCH), opened_by("summer"))

    await take_scan(shop, "kiosk", code(3))
    good = shop.trouble("kiosk")
    await take_scan(shop, "kiosk", code(3)[:-1] + "Z")
    mistyped = shop.trouble("kiosk")
    await take_scan(shop, "kiosk", "NO-SUCH-THING")
    unknown = shop.trouble("kiosk")

    assert good is None
    assert mistyped is not None
    assert mistyped.error.code == "mistyped-coupon"
    assert unknown is not None
    assert unknown.error.code == "unknown-barcode"


@pytest.mark.parametrize(
    ("changes", "text", "status", "problem"),
    [
        ({}, "NOTHING-LIKE-IT", 404, "unknown-coupon"),
        ({}, "SUN-00000-000000", 404, "mistyped-coupon"),
        ({"opens": "2026-03-03"}, None, 409, "coupon-too-early"),
        ({"closes": "2026-03-01"}, None, 409, "coupon-over"),
    ],
)
async def test_a_coupon_that_is_no_good_says_why(
    till: Till, changes: dict[str, Any], text: str | None, status: int, problem: str
) -> None:
    await publish(till.shop.catalogue, campaign(BATCH, **changes), opened_by("summer"))
    basket = await till.fill("mug")

    refused, told = await put(till, basket["id"], text or code(1))

    assert (refused, told["code"]) == (status, problem)
    assert told["hint"]
    assert (await till.lane())["basket"]["coupons"] == []


async def test_an_offer_counts_once_in_a_basket_whichever_of_its_codes_is_shown(till: Till) -> None:
    await publish(till.shop.catalogue, campaign(BATCH), opened_by("summer"))
    basket = await till.fill("mug")
    await put(till, basket["id"], code(1))

    same, told = await put(till, basket["id"], code(1))
    other, _ = await put(till, basket["id"], code(2))

    assert (same, told["code"], other) == (409, "coupon-in-basket", 409)


async def test_a_basket_holds_so_many_coupons(till: Till) -> None:
    names = list(numbered(COUPONS_MAX + 1, "offer"))
    things = [campaign(SHARED, id=name, text=f"CODE-{name}") for name in names]
    await publish(till.shop.catalogue, *things)
    basket = await till.fill("mug")

    statuses = [(await put(till, basket["id"], f"CODE-{name}"))[0] for name in names]

    assert statuses == [200] * COUPONS_MAX + [409]


async def test_a_coupon_of_a_campaign_that_opens_nothing_here_does_nothing(till: Till) -> None:
    await publish(till.shop.catalogue, campaign(SHARED))
    basket = await till.fill("mug")

    status, shown = await put(till, basket["id"], "WELCOME10")

    assert (status, shown["total_minor"], shown["coupons"][0]["discount_minor"]) == (200, 500, 0)


async def test_a_basket_that_is_finished_takes_no_coupon(till: Till) -> None:
    await publish(till.shop.catalogue, campaign(SHARED), opened_by("welcome"))
    basket = await till.fill("mug")
    await till.pay(basket["id"])

    status, problem = await put(till, basket["id"], "WELCOME10")
    nowhere, _ = await put(till, "0190a000-0000-7000-8000-000000000009", "WELCOME10")

    assert (status, problem["code"], nowhere) == (409, "basket-is-closed", 404)


async def test_a_scan_of_a_basket_without_coupons_asks_the_disk_nothing_more(till: Till) -> None:
    await till.fill("mug")
    statements: list[str] = []

    def traced(tx: Any) -> None:
        tx.exec_trace = lambda _cursor, sql, _values: statements.append(sql) or True

    await till.shop.db.transact(traced)
    await till.fill("milk")
    await till.shop.db.transact(lambda tx: setattr(tx, "exec_trace", None))

    assert statements
    assert not any(" uses" in statement for statement in statements)


async def test_a_campaign_that_this_version_cannot_read_is_left_out_and_selling_goes_on(
    tmp_path: Path, clock: HandClock
) -> None:
    async with open_small_shop(tmp_path, clock) as shop, open_till(shop) as till:
        await publish(shop.catalogue, campaign(SHARED), ("coupon", "odd", {"id": "odd", "kind": "telepathic"}))
        basket = await till.fill("mug")
        status, _ = await put(till, basket["id"], "WELCOME10")

    assert status == 200


async def test_a_repeated_scan_with_its_key_is_the_same_scan(till: Till) -> None:
    await publish(till.shop.catalogue, campaign(BATCH), opened_by("summer"))
    key = {"Idempotency-Key": "scan-0000-0001"}

    _, first = await till.call("POST", "/api/lanes/kiosk/scans", {"code": code(3)}, **key)
    status, again = await till.call("POST", "/api/lanes/kiosk/scans", {"code": code(3)}, **key)

    assert (status, again["id"], len(again["coupons"])) == (200, first["id"], 1)
