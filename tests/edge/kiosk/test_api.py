"""The kiosk's picture: whole at once, and anew after every change."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from devices.supervision import DeviceState
from tests.edge.small_shop import Till


@asynccontextmanager
async def watching(till: Till) -> AsyncIterator[aiohttp.StreamReader]:
    async with till.http.get(till.url + "/api/lanes/kiosk/live") as response:
        assert response.content_type == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        yield response.content
    for _ in range(2):  # a closed page is noticed when it is told something
        till.shop.announce_all_lanes()
        await asyncio.sleep(0.02)


async def next_view(stream: aiohttp.StreamReader) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while not (line := (await stream.readline()).decode()).startswith("data: "):
            assert line, "the stream ended"
    view: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return view


async def test_a_quiet_lane_shows_nothing(till: Till) -> None:
    assert await till.lane() == {
        "lane": "kiosk",
        "basket": None,
        "order": None,
        "parked": None,
        "arrived": None,
        "hands_over": False,
        "notice": None,
        "devices": [],
        "head_office": {
            "online": False,
            "last_contact_at": None,
            "unsent": 0,
            "prices_as_of": None,
            "prices": "unknown",
        },
    }


async def test_a_page_sees_the_state_at_once_and_then_every_change(till: Till) -> None:
    basket = await till.fill("milk")
    async with watching(till) as stream:
        first = await next_view(stream)
        await till.fill("tea")
        second = await next_view(stream)
        _, paid = await till.pay(basket["id"])
        third = await next_view(stream)

    assert first["basket"] == basket
    assert [line["sku"] for line in second["basket"]["lines"]] == ["milk", "tea"]
    assert third["basket"] is None
    assert third["order"] == paid


async def test_many_changes_at_once_are_told_in_few_pictures_and_the_last_is_right(till: Till) -> None:
    async with watching(till) as stream:
        await next_view(stream)
        await asyncio.gather(*(till.scan("milk") for _ in range(100)))
        pictures = 0
        quantity = 0
        while quantity < 100:
            view = await next_view(stream)
            pictures += 1
            quantity = view["basket"]["quantity"]

    assert pictures < 100


async def test_a_page_that_does_not_read_holds_nobody_up(till: Till) -> None:
    async with watching(till), watching(till) as stream:
        for _ in range(50):
            await till.scan("milk")
        quantity = 0
        while quantity < 50:
            quantity = ((await next_view(stream))["basket"] or {"quantity": 0})["quantity"]

    assert quantity == 50


async def test_a_page_that_was_closed_leaves_no_watcher(till: Till) -> None:
    async with watching(till) as stream:
        await next_view(stream)
    await till.fill("milk")
    await asyncio.sleep(0.1)
    await till.fill("milk")

    assert (await till.lane())["basket"]["quantity"] == 2


async def test_devices_and_the_line_are_shown_by_name(till: Till) -> None:
    shop = till.shop
    shop.device_changed(DeviceState("scanner", "scanner", "ready"))
    shop.device_changed(DeviceState("printer", "printer", "failed", "printer-fault", "It is stuck.", "Free it."))
    shop.line.online, shop.line.unsent, shop.line.last_contact_at = True, 3, shop.clock.now()

    view = await till.lane()

    assert [(device["name"], device["state"], device["hint"]) for device in view["devices"]] == [
        ("printer", "failed", "Free it."),
        ("scanner", "ready", None),
    ]
    assert view["head_office"] == {
        "online": True,
        "last_contact_at": shop.clock.now().isoformat(),
        "unsent": 3,
        "prices_as_of": None,
        "prices": "unknown",
    }


async def test_a_lane_of_another_box_is_not_shown(till: Till) -> None:
    for path in ("/api/lanes/other", "/api/lanes/other/live"):
        status, problem = await till.call("GET", path)

        assert (status, problem["code"]) == (404, "not-found")
