"""Doors for days."""

from aiohttp import web

from cloud import callers
from cloud.days import listing
from cloud.days.models import DayDetail, DayPage, DayQuery
from cloud.head_office import HEAD_OFFICE
from shared.api.routes import Routes
from shared.model.strict import Id

routes = Routes("days")


@routes.get("/api/days", summary="Days of all boxes, closed and open, and whether they are proven")
async def list_days(request: web.Request, query: DayQuery) -> DayPage:
    """The newest business day first. The first page also has the open days with what they come to so far."""
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(listing.page, tenant.id, query)


@routes.get("/api/days/{closing_id}", summary="One closed day: what the box told and what was found")
async def show_day(request: web.Request, closing_id: Id) -> DayDetail:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(listing.detail, tenant.id, closing_id)
