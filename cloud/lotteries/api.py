"""Doors for lotteries and their codes."""

from aiohttp import web

from cloud import callers
from cloud.head_office import HEAD_OFFICE
from cloud.lotteries import service
from cloud.lotteries.models import CODES_BYTES_MAX, BadCodes, CodesReport, LotteryList, LotteryRequest, LotteryView
from shared.api.routes import Routes
from shared.model.special import CampaignId

routes = Routes("lotteries")


@routes.put("/api/lotteries/{lottery_id}", summary="Begin a lottery, or change its terms")
async def put_lottery(request: web.Request, lottery_id: CampaignId, body: LotteryRequest) -> LotteryView:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.write(service.put_lottery, tenant.id, lottery_id, body)


@routes.get("/api/lotteries", summary="Lotteries, and how many codes they have left")
async def list_lotteries(request: web.Request) -> LotteryList:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(service.lotteries, tenant.id)


@routes.delete("/api/lotteries/{lottery_id}", summary="Give out no more codes")
async def end_lottery(request: web.Request, lottery_id: CampaignId) -> None:
    tenant = await callers.tenant_of(request)
    await request.app[HEAD_OFFICE].db.write(service.end_lottery, tenant.id, lottery_id)


@routes.post("/api/lotteries/{lottery_id}/imports", summary="Import a block of codes", accepts="text/csv")
async def import_codes(request: web.Request, lottery_id: CampaignId) -> CodesReport:
    """The body is text/csv with one code in each line. Codes that are no good are listed; all others are taken."""
    tenant = await callers.tenant_of(request)
    if request.content_type != "text/csv":
        raise BadCodes(problem=f"it was sent as {request.content_type}, not as text/csv")
    codes = service.read_codes(await request.clone(client_max_size=CODES_BYTES_MAX).read())
    return await request.app[HEAD_OFFICE].db.write(service.import_codes, tenant.id, lottery_id, codes)
