"""Asking head office to count coupons: bounded in time, and given back until head office has heard."""

import asyncio

import pytest
from aiohttp import web

from edge.checkout.gateway import UsesUncounted
from edge.shop import Shop
from edge.sync.client import HeadOfficeSilent
from edge.sync.uses import HeadOfficeUses, give_back, look_up
from edge.uses import service as uses
from shared.protocol.uses import ReservationRequest, WantedUse
from tests.edge.small_shop import TestGateway, Till, open_till, publish
from tests.edge.specials.world import BATCH, GIFT, PlayedOffice, campaign, code, opened_by, with_coupon
from tests.edge.sync.head_office import playing, says, stranger

ONE, TWO = "0190a000-0000-7000-8000-0000000000b1", "0190a000-0000-7000-8000-0000000000b2"
REQUEST = ReservationRequest(basket_id=ONE, attempt=TWO, uses=(WantedUse(quota="summer", digest=None),))
RESERVED = '{"uses": [{"quota": "summer", "result": "reserved"}]}'


async def test_head_office_is_asked_and_its_word_counts(shop: Shop) -> None:
    shop.line.online = True
    async with playing(says(RESERVED)) as stage, stranger(stage.url) as head_office:
        answer = await HeadOfficeUses(shop, head_office).reserve(REQUEST)

    assert [use.result for use in answer.uses] == ["reserved"]
    assert [request.path for request in stage.asked] == ["/api/uses/reservations"]


async def test_a_line_that_is_known_to_be_down_is_not_waited_for(shop: Shop) -> None:
    async with playing(says(RESERVED)) as stage, stranger(stage.url) as head_office:
        with pytest.raises(UsesUncounted):
            await HeadOfficeUses(shop, head_office).reserve(REQUEST)

    assert stage.asked == []


@pytest.mark.parametrize(("text", "status"), [("{}", 500), ("<html>", 200), ('{"title": "No.", "code": "no"}', 409)])
async def test_what_is_no_answer_leaves_it_to_the_lease(shop: Shop, text: str, status: int) -> None:
    shop.line.online = True
    async with playing(says(text, status)) as stage, stranger(stage.url) as head_office:
        with pytest.raises(UsesUncounted):
            await HeadOfficeUses(shop, head_office).reserve(REQUEST)


async def test_a_shopper_waits_so_long_and_no_longer(shop: Shop) -> None:
    async def never(_request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    shop.line.online = True
    async with playing(never) as stage, stranger(stage.url) as head_office:
        with pytest.raises(UsesUncounted):
            await HeadOfficeUses(shop, head_office, answer_timeout_s=0.05).reserve(REQUEST)


async def test_what_is_given_back_is_told_until_head_office_has_heard(shop: Shop) -> None:
    await publish(shop.catalogue, campaign(BATCH), opened_by("summer"))
    async with open_till(shop, TestGateway(ends_with=["declined"]), PlayedOffice()) as till:
        await declined(till)
    heard = f'{{"basket_id": "{ONE}"}}'
    async with playing(says("{}", 500), says(heard)) as stage, stranger(stage.url) as head_office:
        with pytest.raises(HeadOfficeSilent):
            await give_back(shop, head_office)
        await give_back(shop, head_office)
        await give_back(shop, head_office)
    left = await shop.db.transact(uses.unreturned, shop.attempts)

    assert (len(stage.asked), left) == (2, [])


async def declined(till: Till) -> None:
    basket = await till.fill("mug")
    await till.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": code(1)})
    status, _ = await till.pay_by_card(basket["id"])
    assert status == 409


async def test_a_voucher_in_a_basket_is_looked_up_once_and_shown_with_what_is_left(shop: Shop) -> None:
    await publish(shop.catalogue, campaign(GIFT))
    async with (
        open_till(shop) as till,
        playing(says('{"left_minor": 120}')) as stage,
        stranger(stage.url) as head_office,
    ):
        basket = await with_coupon(till, code(1, GIFT), "mug")
        for _ in range(2):
            await look_up(shop, head_office)
        shown = (await till.lane())["basket"]

    assert basket["total_minor"] == 0
    assert (shown["total_minor"], shown["coupons"][0]["left_minor"]) == (380, 0)
    assert [request.path for request in stage.asked] == ["/api/uses/balances"]


async def test_a_voucher_that_head_office_does_not_know_is_not_asked_for_again(shop: Shop) -> None:
    await publish(shop.catalogue, campaign(GIFT))
    async with (
        open_till(shop) as till,
        playing(says('{"left_minor": null}')) as stage,
        stranger(stage.url) as head_office,
    ):
        await with_coupon(till, code(1, GIFT), "mug")
        for _ in range(2):
            await look_up(shop, head_office)
        shown = (await till.lane())["basket"]

    assert (shown["total_minor"], len(stage.asked)) == (0, 1)
