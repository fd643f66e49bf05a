"""Vouchers over all stores: what is left on each code, and what was spent beyond it."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from cloud.uses.models import Wrong
from shared import messages
from shared.coupons import recognise
from shared.model.special import Campaign
from shared.model.store import Language
from tests.cloud.boxes import Box, an_id
from tests.cloud.specials.world import ATTEMPT, BATCH, begin, deliver, digest, wrongs
from tests.cloud.uses.test_counting import two_shops
from tests.cloud.world import World, knock_as, open_world

GIFT: dict[str, Any] = {
    "name": "Gift card", "kind": "batch", "text": "GIFT", "size": 100,
    "voucher": {"currency": "GBP", "worth_minor": 1_000, "remainder": "stays"},
}  # fmt: skip


async def take(world: World, box: Box, basket: int, minor: int, named: str | None = None) -> tuple[str, int | None]:
    """Ask for an amount as a box does before a payment; returns the result and what is left for this basket."""
    use = {"quota": "gift", "digest": named or digest(1), "minor": minor}
    body = {"basket_id": an_id(basket), "attempt": ATTEMPT, "uses": [use]}
    answer = await knock_as(world, box, "POST", "/api/uses/reservations", data=json.dumps(body))
    assert answer.status == 200, answer.body
    [found] = answer.body["uses"]
    return found["result"], found["left_minor"]


def spent(box: Box, number: int, minor: int, grant: str = "reserved", named: str | None = None) -> Any:
    voucher = {"minor": minor, "left_minor": 0, "stays": True}
    use = {"campaign": "gift", "digest": named or digest(1), "grant": grant, "voucher": voucher}
    return box.sold(number, coupons=(use,))


async def test_a_code_is_spent_bit_by_bit_in_any_store_and_never_beyond_its_worth(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "gift", GIFT)
        results = [
            await take(world, here, 1, 600),
            await take(world, there, 2, 600),
            await take(world, there, 2, 400),
            await take(world, here, 1, 600),
            await take(world, there, 3, 1_000, digest(2)),
        ]

    assert results == [
        ("reserved", 1_000),
        ("too_little", 400),
        ("reserved", 400),
        ("reserved", 600),
        ("reserved", 1_000),
    ]


async def test_a_code_that_is_spent_is_told_even_where_all_uses_are_taken(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "gift", {**GIFT, "max_uses_total": 4})  # two of them are leased
        await take(world, here, 1, 1_000)
        await take(world, here, 2, 400, digest(2))
        results = [await take(world, there, 3, 1_000), await take(world, there, 3, 600, digest(2))]

    assert results == [("too_little", 0), ("used_up", 600)]


async def test_a_box_asks_what_is_left_and_nothing_is_reserved(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "gift", GIFT)
        await take(world, here, 1, 600)
        told = []
        for quota, basket in (("gift", 1), ("gift", 2), ("unheard", 2)):
            body = {"basket_id": an_id(basket), "quota": quota, "digest": digest(1)}
            answer = await knock_as(world, there, "POST", "/api/uses/balances", data=json.dumps(body))
            told.append(answer.body["left_minor"])
        shown = await tenant.see("/api/coupons/gift")

    assert (told, shown["reserved"]) == ([1_000, 400, None], 1)


async def test_head_office_knows_what_is_left_and_who_used_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "gift", GIFT)
        [code, *_] = (await tenant.see("/api/coupons/gift/codes"))["codes"]
        [(body,)] = await world.rows("select body from coupon_campaigns")
        named = recognise(code, [Campaign.model_validate_json(body)]).digest
        order = spent(here, 1, 300, named=named)
        await deliver(world, here)
        await take(world, there, 2, 200, named)
        shown = await tenant.see(f"/api/coupons/gift/balance?code={code}")
        back = {"campaign": "gift", "name": "Gift card", "digest": named, "minor": 150}
        here.took_back(3, order, vouchers=(back,))
        await deliver(world, here)
        in_part = await tenant.see(f"/api/coupons/gift/balance?code={code}")
        here.took_back(4, order, vouchers=(back,))
        await deliver(world, here)
        whole = await tenant.see(f"/api/coupons/gift/balance?code={code}")
        unknown = await tenant.knock("GET", "/api/coupons/gift/balance?code=NONSENSE")
        await begin(tenant, "summer", BATCH)
        [coupon, *_] = (await tenant.see("/api/coupons/summer/codes"))["codes"]
        no_voucher = await tenant.knock("GET", f"/api/coupons/summer/balance?code={coupon}")

    assert (shown["currency"], shown["worth_minor"], shown["left_minor"]) == ("GBP", 1_000, 500)
    assert sorted((use["order_id"], use["state"], use["minor"]) for use in shown["uses"]) == [
        (an_id(1), "used", 300),
        (an_id(2), "reserved", 200),
    ]
    assert (in_part["left_minor"], whole["left_minor"]) == (650, 800)
    assert ("returned", 0) in [(use["state"], use["minor"]) for use in whole["uses"]]
    assert (unknown.status, no_voucher.status, no_voucher.body["code"]) == (404, 409, "no-voucher")


async def test_what_was_spent_offline_beyond_the_worth_is_seen(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "gift", GIFT)
        spent(here, 1, 600, "leased")
        spent(there, 2, 600, "leased")
        await deliver(world, here, there, here)

        assert await wrongs(tenant) == [("overspent", an_id(2))]


async def test_a_refund_puts_no_more_back_than_was_taken_and_is_seen(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await begin(tenant, "gift", GIFT)
        order = spent(here, 1, 300)
        back = {"campaign": "gift", "name": "Gift card", "digest": digest(1), "minor": 900}
        here.took_back(3, order, vouchers=(back,))
        await deliver(world, here)
        left = await take(world, there, 2, 1_001)
        [row] = (await tenant.see("/api/specials/exceptions"))["exceptions"]

    assert left == ("too_little", 1_000)
    assert (row["wrong"], row["campaign"], row["order_id"]) == ("put_back_too_much", "gift", an_id(1))
    assert (row["node_id"], row["digest"]) == (here.id, digest(1))


@pytest.mark.parametrize("language", ["en", "el", "he"])
def test_whatever_can_be_wrong_is_said_in_every_language(language: Language) -> None:
    for wrong in get_args(Wrong):
        assert messages.text(language, f"exceptions.wrong.{wrong}") != f"exceptions.wrong.{wrong}"


async def test_the_currency_of_codes_that_are_out_is_fixed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await begin(tenant, "gift", GIFT)
        changed = {**GIFT, "voucher": {**GIFT["voucher"], "currency": "EUR"}}
        fixed = await tenant.knock("PUT", "/api/coupons/gift", json=changed)
        shared = await tenant.knock("PUT", "/api/coupons/one", json={**GIFT, "kind": "shared", "size": None})

    assert (fixed.status, fixed.body["code"]) == (409, "campaign-fixed")
    assert (shared.status, "make it a batch" in str(shared.body)) == (400, True)
