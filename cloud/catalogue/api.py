"""Doors for the catalogue."""

import asyncio
from functools import partial

from aiohttp import web

from cloud import callers
from cloud.catalogue import rows, service
from cloud.catalogue.models import (
    IMPORT_BYTES_MAX,
    BadFile,
    ImportQuery,
    ImportReport,
    OtherStore,
)
from cloud.fleet import service as fleet
from cloud.head_office import HEAD_OFFICE
from shared.api.routes import Routes
from shared.retailers import retailer

routes = Routes("catalogue")


@routes.post("/api/catalogue/imports", summary="Import products and prices from CSV", accepts="text/csv")
async def import_catalogue(request: web.Request, query: ImportQuery) -> ImportReport:
    """The body is the CSV file (text/csv, UTF-8). Bad rows are listed with their line; all others are published."""
    tenant = await callers.tenant_of(request)
    head_office = request.app[HEAD_OFFICE]
    if request.content_type != "text/csv":
        raise BadFile(problem=f"it was sent as {request.content_type}, not as text/csv")
    content = await request.clone(client_max_size=IMPORT_BYTES_MAX).read()
    stores = await head_office.db.read(fleet.stores, tenant.id)
    for store in stores:
        if (store.currency, store.retailer) != (query.currency, query.retailer):
            raise OtherStore(store=store.code, currency=store.currency, retailer=store.retailer)
    tax_classes = {tax_class for store in stores for tax_class in store.tax_rates_bp}
    read = partial(rows.read, content, query.currency, retailer(query.retailer), tax_classes)
    found = await asyncio.to_thread(lambda: list(read()))  # before the transaction, which others wait for
    try:
        return await head_office.db.write(service.import_rows, tenant.id, found, dry_run=query.dry_run)
    except service.DryRun as dry_run:
        return dry_run.report
