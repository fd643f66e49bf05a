"""Doors for promotions and their packs."""

import asyncio

from aiohttp import web

from cloud import callers
from cloud.head_office import HEAD_OFFICE
from cloud.promotions import drafting, importing, reasons, recheck, service, trying
from cloud.promotions.imports.source import FILE_BYTES_MAX
from cloud.promotions.models import (
    Alarm,
    AlarmPage,
    AlarmQuery,
    ChangesRequest,
    DraftCheck,
    DraftRequest,
    NumberedQuery,
    OrderPricing,
    PackChanges,
    PackPage,
    PackRequest,
    PackView,
    PricingQuery,
    PromotionDetail,
    PromotionPage,
    PromotionQuery,
    PromotionRequest,
    PromotionsReport,
    PromotionsRequest,
)
from cloud.promotions.report import ImportQuery, ImportReport
from cloud.promotions.trial import Trial, TrialList, TrialRequest, TrialView, TryRequest
from cloud.promotions.trials import Trials
from shared.api.routes import Routes, idempotency_key
from shared.model.strict import Code, Count, Id

routes = Routes("promotions")

TRIALS: web.AppKey[Trials] = web.AppKey("trials", Trials)


@routes.get("/api/promotions", summary="Promotions, by id")
async def list_promotions(request: web.Request, query: PromotionQuery) -> PromotionPage:
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(service.page, tenant.id, query)


@routes.put("/api/promotions", summary="Set all promotions and publish them")
async def set_promotions(request: web.Request, body: PromotionsRequest) -> PromotionsReport:
    """Those that are not named end. All stores get them at once, also those that had a pack of their own."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    now = head_office.clock.now()
    report = await head_office.db.write(service.set_promotions, tenant.id, body.promotions, now)
    head_office.tenant_changed(tenant.id)
    return report


@routes.get("/api/promotions/packs", summary="Packs that were or will be published, newest first")
async def list_packs(request: web.Request, query: NumberedQuery) -> PackPage:
    tenant = await callers.tenant_of(request)
    cursor = int(query.cursor) if query.cursor else None
    return await request.app[HEAD_OFFICE].db.read(service.pack_page, tenant.id, cursor, query.limit)


@routes.post("/api/promotions/packs", summary="Publish the active promotions as a pack", status=201)
async def publish_pack(request: web.Request, body: PackRequest) -> PackView:
    """Without `stores` it goes to all of them. With `starts_at` it waits; its content is that of now."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    key = idempotency_key(request)
    view = await head_office.db.write(service.publish, tenant.id, body, head_office.clock.now(), key)
    head_office.hub.announce(service.PACKS)
    head_office.tenant_changed(tenant.id)
    return view


@routes.delete("/api/promotions/packs/{number}", summary="Take back a pack that waits for its time")
async def cancel_pack(request: web.Request, number: Count) -> None:
    tenant = await callers.tenant_of(request)
    await request.app[HEAD_OFFICE].db.write(service.cancel, tenant.id, number)


@routes.post("/api/promotions/check", summary="Look at a promotion that is being written")
async def check_draft(request: web.Request, body: DraftRequest) -> DraftCheck:
    """Nothing is kept. What is missing or wrong is a finding with its field, not a refusal."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.db.read(drafting.check, tenant.id, body.promotion, head_office.clock.now())


@routes.post("/api/promotions/changes", summary="What publishing would change at stores")
async def show_changes(request: web.Request, body: ChangesRequest) -> PackChanges:
    """Compares the active promotions with what these stores have now; nothing is changed."""
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(drafting.changes, tenant.id, body.stores)


@routes.post("/api/promotions/trials", summary="Begin a trial on many past orders", status=201)
async def begin_trial(request: web.Request, body: TrialRequest) -> TrialView:
    """It runs in the background, one after the other; ask for it again until it is done."""
    tenant = await callers.tenant_of(request)
    return request.app[TRIALS].ask(tenant.id, body, request.app[HEAD_OFFICE].clock.now())


@routes.get("/api/promotions/trials", summary="Trials, the newest first")
async def list_trials(request: web.Request) -> TrialList:
    tenant = await callers.tenant_of(request)
    return TrialList(trials=request.app[TRIALS].of(tenant.id))


@routes.get("/api/promotions/trials/{trial_id}", summary="How far a trial is, and what it came to")
async def show_trial(request: web.Request, trial_id: Id) -> TrialView:
    tenant = await callers.tenant_of(request)
    return request.app[TRIALS].trial(tenant.id, trial_id)


@routes.delete("/api/promotions/trials/{trial_id}", summary="Stop a trial")
async def stop_trial(request: web.Request, trial_id: Id) -> None:
    tenant = await callers.tenant_of(request)
    request.app[TRIALS].stop(tenant.id, trial_id)


@routes.post("/api/promotions/try", summary="Try promotions on past orders")
async def try_promotions(request: web.Request, body: TryRequest) -> Trial:
    """Nothing is changed. The promotions' first and last days are passed over unless `dates` is true."""
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(
        trying.replay, tenant.id, body.promotions, limit=body.orders, since=body.since, dates=body.dates
    )


@routes.post("/api/promotions/imports", summary="Import promotions from a file", accepts="text/csv")
async def import_promotions(request: web.Request, query: ImportQuery) -> ImportReport:
    """The body is the file: text/csv, application/xml (also price-law feeds, with `format`), or a till's .ASC as
    text/plain or application/octet-stream. Without `dry_run=false` it only tells what would change.
    """
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    kind = importing.format_of(request.content_type, query)
    content = await request.clone(client_max_size=FILE_BYTES_MAX + 1).read()
    staged = await asyncio.to_thread(importing.read, content, kind, query)
    run = head_office.db.read if query.dry_run else head_office.db.write
    report = await run(importing.take, tenant.id, staged, query, head_office.clock.now())
    head_office.tenant_changed(tenant.id)
    return report


@routes.get("/api/promotions/alarms", summary="Orders that head office prices otherwise, newest first")
async def list_alarms(request: web.Request, query: AlarmQuery) -> AlarmPage:
    tenant = await callers.tenant_of(request)
    cursor = int(query.cursor) if query.cursor else None
    read = request.app[HEAD_OFFICE].db.read
    return await read(recheck.page, tenant.id, cursor, query.limit, waiting=query.waiting)


@routes.post("/api/promotions/alarms/{order_id}/acknowledgement", summary="Say that somebody looked at an alarm")
async def acknowledge_alarm(request: web.Request, order_id: Id) -> Alarm:
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    alarm = await head_office.db.write(recheck.acknowledge, tenant.id, order_id, head_office.clock.now())
    head_office.tenant_changed(tenant.id)
    return alarm


@routes.get("/api/orders/{order_id}/pricing", summary="Why promotions applied to an order, or did not")
async def explain_order(request: web.Request, order_id: Id, query: PricingQuery) -> OrderPricing:
    """The order's lines are priced again with the pack, the clock and the coupons that it was priced with."""
    tenant = await callers.tenant_of(request)
    return await request.app[HEAD_OFFICE].db.read(reasons.explain, tenant.id, order_id, query.language)


@routes.get("/api/promotions/{promotion_id}", summary="One promotion, whole")
async def show_promotion(request: web.Request, promotion_id: Code) -> PromotionDetail:
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.db.read(service.detail, tenant.id, promotion_id, head_office.clock.now())


@routes.put("/api/promotions/{promotion_id}", summary="Write one promotion")
async def put_promotion(request: web.Request, promotion_id: Code, body: PromotionRequest) -> PromotionDetail:
    """Stores get it with the next pack. `findings` are warnings; what has errors is refused."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    return await head_office.db.write(service.put, tenant.id, promotion_id, body, head_office.clock.now())


@routes.delete("/api/promotions/{promotion_id}", summary="End one promotion")
async def end_promotion(request: web.Request, promotion_id: Code) -> None:
    """Stores lose it with the next pack. A draft is removed."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    await head_office.db.write(service.end, tenant.id, promotion_id, head_office.clock.now())
