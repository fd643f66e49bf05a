"""Doors for whoever watches over this box."""

import asyncio
import math
import shutil
from http import HTTPStatus
from typing import Literal

from aiohttp import web
from prometheus_client import generate_latest
from pydantic import AwareDatetime

from edge.database import touch
from edge.shop import SHOP
from shared.api.routes import Routes
from shared.errors import ShopwrightError
from shared.model.strict import Strict

routes = Routes("health")

STORAGE_TIMEOUT_S = 2.0
FREE_MB_MIN = 2  # SQLite needs room for its log before a sale fits


class Health(Strict):
    """Whether the box can sell, and what else is not as it should be.

    `ok`: everything works. `degraded`: it sells, but somebody should look. `failing`: it cannot sell (HTTP 503).
    """

    status: Literal["ok", "degraded", "failing"]
    can_sell: bool
    storage: str
    catalogue: str
    prices: Literal["fresh", "old", "unknown"]
    prices_as_of: AwareDatetime | None  # when they were head office's newest, by its clock
    prices_age_s: float | None
    devices: dict[str, str]
    head_office: Literal["online", "offline"]
    unsent: int


@routes.get("/healthz", summary="Whether this box can sell")
async def show_health(request: web.Request) -> web.Response:
    shop = request.app[SHOP]
    storage = "ok"
    try:
        async with asyncio.timeout(STORAGE_TIMEOUT_S):
            await shop.db.transact(touch)
    except (ShopwrightError, TimeoutError) as error:
        storage = str(error) or "it does not answer"
    free_mb = shutil.disk_usage(shop.db.path.parent).free // 1_000_000
    if storage == "ok" and free_mb < FREE_MB_MIN:
        storage = f"only {free_mb} MB are free on the data partition"
    devices = {name: state.title or state.state for name, state in shop.devices.items()}
    can_sell = storage == "ok" and shop.catalogue.is_ready
    prices = shop.prices()
    all_well = can_sell and shop.line.online and prices.state == "fresh"
    all_well = all_well and all(state == "ready" for state in devices.values())
    health = Health(
        status="ok" if all_well else "degraded" if can_sell else "failing",
        can_sell=can_sell,
        storage=storage,
        catalogue="ok" if shop.catalogue.is_ready else "not received yet",
        prices=prices.state,
        prices_as_of=prices.as_of,
        prices_age_s=prices.age_s,
        devices=devices,
        head_office="online" if shop.line.online else "offline",
        unsent=shop.line.unsent,
    )
    status = HTTPStatus.OK if can_sell else HTTPStatus.SERVICE_UNAVAILABLE
    return web.Response(status=status, text=health.model_dump_json(), content_type="application/json")


@routes.get("/metrics", summary="Counters and timings in Prometheus' text format")
async def show_metrics(request: web.Request) -> web.Response:
    shop = request.app[SHOP]
    prices = shop.prices()
    shop.metrics.prices_as_of.set(prices.as_of.timestamp() if prices.as_of else 0)
    shop.metrics.prices_age.set(math.nan if prices.age_s is None else prices.age_s)
    text = generate_latest(shop.metrics.registry)
    return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
