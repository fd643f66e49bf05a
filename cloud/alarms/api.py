"""Doors for alarms."""

from aiohttp import web

from cloud import callers
from cloud.alarms import service
from cloud.alarms.models import NodeAlarm, NodeAlarmPage, NodeAlarmQuery, SettleAlarmRequest
from cloud.head_office import HEAD_OFFICE
from shared.api.routes import Routes
from shared.model.strict import Count

routes = Routes("alarms")


@routes.get("/api/alarms", summary="What is wrong with boxes, newest first")
async def list_alarms(request: web.Request, query: NodeAlarmQuery) -> NodeAlarmPage:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(service.page, tenant.id, query)


@routes.post("/api/alarms/{alarm}/settlement", summary="Settle an alarm with a note")
async def settle_alarm(request: web.Request, alarm: Count, body: SettleAlarmRequest) -> NodeAlarm:
    """It opens again when the same happens again. A repeat changes nothing."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    settled = await head_office.db.write(service.settle, tenant.id, alarm, body, head_office.clock.now())
    head_office.tenant_changed(tenant.id)
    return settled
