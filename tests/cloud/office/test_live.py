"""Head office's screen is current from its first moment and after every arrival."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.cloud.world import Tenant, open_world, send


@asynccontextmanager
async def live(tenant: Tenant, headers: dict[str, str] | None = None) -> AsyncIterator[aiohttp.ClientResponse]:
    """Open the live page; at the end, let its door notice that nobody listens any more."""
    headers = headers or {"Authorization": f"Bearer {tenant.key}"}
    async with tenant.world.http.get(f"{tenant.world.url}/api/office/live", headers=headers) as response:
        yield response
    tenant.world.head_office.tenant_changed(tenant.id)


async def next_state(page: aiohttp.ClientResponse) -> dict[str, Any]:
    line = await page.content.readline()
    assert line.startswith(b"data: ")
    assert await page.content.readline() == b"\n"
    return json.loads(line.removeprefix(b"data: "))


async def test_a_state_comes_at_once_and_after_an_order_arrived(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        box = await tenant.enrol(store["id"])
        async with live(tenant) as page:
            first = await next_state(page)
            order = box.sold(1)
            await send(world, box)
            later = await next_state(page)
            while not later["orders"]:
                later = await next_state(page)
        once = await tenant.see("/api/office")

    assert page.headers["Content-Type"] == "text/event-stream"
    assert page.headers["Cache-Control"] == "no-store"
    assert (first["tenant_name"], first["orders"], first["orders_total"]) == ("Corner shops", [], 0)
    assert [row["id"] for row in later["orders"]] == [order.id]
    assert (later["orders_total"], later["quarantined"]) == (1, 0)
    assert later == once


async def test_a_screen_watches_with_its_session(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        async with live(tenant, {"Cookie": f"shopwright_session={tenant.key}"}) as page:
            first = await next_state(page)

    assert first["stores"] == []


async def test_the_screen_shows_the_newest_orders_and_counts_all(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        box = await tenant.enrol(store["id"])
        orders = [box.sold(number) for number in range(1, 36)]
        await send(world, box)
        await world.projected()
        office = await tenant.see("/api/office")

    assert [row["id"] for row in office["orders"]] == [order.id for order in reversed(orders)][:30]
    assert office["orders_total"] == 35
    assert office["stores"][0]["exponent"] == 2
