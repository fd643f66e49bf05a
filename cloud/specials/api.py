"""Doors for coupon and donation campaigns."""

from aiohttp import web

from cloud import callers
from cloud.head_office import HEAD_OFFICE
from cloud.specials import service
from cloud.specials.models import (
    BalanceQuery,
    CampaignPage,
    CampaignQuery,
    CampaignRequest,
    CampaignView,
    CodePage,
    CodeQuery,
    DonationList,
    DonationRequest,
    DonationView,
    VoucherBalance,
)
from shared.api.routes import Routes
from shared.model.special import CampaignId, DonationCampaign

routes = Routes("specials")

CODES_AT_ONCE = 10_000


@routes.put("/api/coupons/{campaign_id}", summary="Begin a coupon campaign, or change its terms")
async def put_campaign(request: web.Request, campaign_id: CampaignId, body: CampaignRequest) -> CampaignView:
    """Promotions whose gate's coupon is this id are opened by the campaign's codes."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.db.write(service.put_campaign, tenant.id, campaign_id, body, head_office.clock.now())


@routes.get("/api/coupons", summary="Coupon campaigns and how they are doing")
async def list_campaigns(request: web.Request, query: CampaignQuery) -> CampaignPage:
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.db.read(service.page, tenant.id, query.cursor, query.limit, head_office.clock.now())


@routes.get("/api/coupons/{campaign_id}", summary="One coupon campaign")
async def show_campaign(request: web.Request, campaign_id: CampaignId) -> CampaignView:
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.db.read(service.show, tenant.id, campaign_id, head_office.clock.now())


@routes.delete("/api/coupons/{campaign_id}", summary="End a coupon campaign")
async def end_campaign(request: web.Request, campaign_id: CampaignId) -> None:
    tenant = await callers.tenant_of(request)
    await request.app[HEAD_OFFICE].db.write(service.end_campaign, tenant.id, campaign_id)


@routes.get("/api/coupons/{campaign_id}/codes", summary="The codes of a batch, to hand out")
async def list_codes(request: web.Request, campaign_id: CampaignId, query: CodeQuery) -> CodePage:
    tenant = await callers.tenant_of(request)
    db = request.app[HEAD_OFFICE].db
    return await db.read(service.codes, tenant.id, campaign_id, query.cursor, query.limit)


@routes.get("/api/coupons/{campaign_id}/codes.csv", summary="All codes of a batch as a file")
async def download_codes(request: web.Request, campaign_id: CampaignId) -> web.StreamResponse:
    """One code in each line below the heading `code`, sent as it is made: a batch may have millions."""
    tenant = await callers.tenant_of(request)
    db = request.app[HEAD_OFFICE].db
    page = await db.read(service.codes, tenant.id, campaign_id, 0, CODES_AT_ONCE)
    named = f'attachment; filename="{campaign_id}.csv"'
    response = web.StreamResponse(headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": named})
    await response.prepare(request)
    await response.write(b"code\r\n")
    while True:
        await response.write("".join(f"{code}\r\n" for code in page.codes).encode())
        if page.next is None:
            break
        page = await db.read(service.codes, tenant.id, campaign_id, page.next, CODES_AT_ONCE)
    await response.write_eof()
    return response


@routes.get("/api/coupons/{campaign_id}/balance", summary="What is left on a voucher")
async def show_balance(request: web.Request, campaign_id: CampaignId, query: BalanceQuery) -> VoucherBalance:
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    now = head_office.clock.now()
    return await head_office.db.read(service.balance, tenant.id, campaign_id, query.code, now)


@routes.put("/api/donations/{campaign_id}", summary="Let shoppers give for something")
async def put_donation(request: web.Request, campaign_id: CampaignId, body: DonationRequest) -> DonationView:
    tenant = await callers.tenant_of(request)
    wanted = DonationCampaign(id=campaign_id, name=body.name)
    return await request.app[HEAD_OFFICE].db.write(service.put_donation_campaign, tenant.id, wanted)


@routes.get("/api/donations", summary="For whom shoppers can give, and what they gave")
async def list_donations(request: web.Request) -> DonationList:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(service.donations, tenant.id)


@routes.delete("/api/donations/{campaign_id}", summary="Ask shoppers for it no more")
async def end_donation(request: web.Request, campaign_id: CampaignId) -> None:
    tenant = await callers.tenant_of(request)
    await request.app[HEAD_OFFICE].db.write(service.end_donation_campaign, tenant.id, campaign_id)
