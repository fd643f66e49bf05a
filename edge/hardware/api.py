"""Doors for installers: the box's devices, once or live, and a test of each."""

import asyncio

from aiohttp import web

from devices.discovery import discover
from edge.callers import demand_attendant
from edge.hardware import service, trying
from edge.hardware.models import DevicesView, Tried
from edge.shop import DEVICES, SHOP, Shop
from shared.api.live import stream
from shared.api.routes import Routes
from shared.model.strict import Code, Strict

routes = Routes("devices")


class TestRequest(Strict):
    """Nothing to say: each kind of device has one test."""


@routes.get("/api/devices", summary="The devices of this box: what is bound, and what is plugged in besides")
async def show_devices(request: web.Request) -> DevicesView:
    return await devices_view(request.app[SHOP])


@routes.get("/api/devices/live", summary="The devices of this box, as server-sent events")
async def watch_devices(request: web.Request) -> web.StreamResponse:
    """Each event's data is a whole `DevicesView`: one at once and one after every change."""
    shop = request.app[SHOP]
    return await stream(request, shop.hub.states(DEVICES, lambda: devices_view(shop)))


@routes.post("/api/devices/{name}/test", summary="Try a device out: print a page, wait for a scan, read the scale")
async def test_device(request: web.Request, name: Code, body: TestRequest) -> Tried:
    """Answers when the device has done it; a scan or a card is waited for 20 seconds. Only staff may."""
    demand_attendant(request)
    return await trying.try_out(request.app[SHOP], name)


async def devices_view(shop: Shop) -> DevicesView:
    found = await asyncio.to_thread(discover)
    return service.view(shop.config.devices, shop.devices, found)
