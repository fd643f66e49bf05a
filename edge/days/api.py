"""Doors for the staff that closes the day."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from edge.callers import demand_attendant
from edge.days import service
from edge.days.models import ClosingPage, DayRequest
from edge.shop import SHOP
from shared.api.routes import Routes, idempotency_key
from shared.model.day import Closing, Report
from shared.model.strict import Strict

routes = Routes("days")


class ClosingQuery(Strict):
    """Where the last page ended."""

    cursor: Annotated[int, Field(ge=1)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


@routes.get("/api/days/open", summary="What was sold since the last closing (X report)")
async def show_open_day(request: web.Request) -> Report:
    demand_attendant(request)
    shop = request.app[SHOP]
    day = await shop.summed_day()
    return await shop.db.transact(service.report, day, shop.catalogue.store, shop.identity.enrolled, shop.clock.now())


@routes.get("/api/days/closings", summary="Days that were closed, newest first")
async def list_closings(request: web.Request, query: ClosingQuery) -> ClosingPage:
    demand_attendant(request)
    return await request.app[SHOP].db.transact(service.page, query.cursor, query.limit)


@routes.post("/api/days/closings", summary="Close the day (Z report): number it, write it down, print it")
async def close_day(request: web.Request, body: DayRequest) -> Closing:
    """It asks nobody and waits for nothing. What is sold afterwards belongs to the next day."""
    demand_attendant(request)
    shop = request.app[SHOP]
    day = await shop.summed_day()
    closing, is_new = await shop.db.transact(
        service.close,
        day,
        shop.catalogue.store,
        shop.identity.enrolled,
        shop.journal,
        shop.clock.now(),
        idempotency_key(request),
    )
    if is_new:
        shop.entry_written()
    return closing
