"""The hand that feeds the printer: one job after the other, and a look at the printer in between."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from devices.drawers.interface import Drawer
from devices.errors import (
    DeviceError,
    OutcomeUnknown,
    PrinterCoverOpen,
    PrinterFault,
    PrinterOutOfPaper,
    PrinterPaperLow,
)
from devices.printers.escpos import EscposPrinterSettings
from devices.printers.interface import Barcode, Printer, PrinterStatus, PrintJob
from devices.supervision import Ready
from edge.receipts import service
from edge.receipts.models import Job
from edge.shop import PRINTING, Shop
from shared.errors import Unavailable
from shared.model.day import Report
from shared.receipts import day
from shared.receipts.document import RIGHT_TO_LEFT
from shared.receipts.paper import lay_out
from shared.workers import RETRY_S, happens

log = structlog.get_logger()

LOOK_EVERY_S = (
    3.0  # how soon a screen knows that the paper is out while nothing prints, where the printer does not tell
)
NEWS_PAUSE_S = 0.1  # after the printer told something: one that talks without end is not asked without end


async def keep_printing(
    shop: Shop,
    settings: EscposPrinterSettings,
    printer: Printer,
    drawer: Drawer | None,
    ready: Ready,
) -> None:
    """Print what is due until a DeviceError; the caller supervises and calls again.

    drawer: the one to open for cash; without one, nothing is opened.
    """
    # What an earlier run of this loop left with the printer may be on paper.
    await shop.db.transact(service.recover, shop.clock.now())
    try:
        with shop.hub.watching(PRINTING) as wanted:
            while True:
                status = await printer.status()
                _demand_usable(status)
                ready(PrinterPaperLow() if status.paper == "near_end" else None)
                wanted.clear()
                # Without the store's settings nobody knows what stands at the head of a receipt.
                while shop.catalogue.is_ready and (job := await shop.db.transact(service.next_job, shop.clock.now())):
                    await _do(shop, settings, printer, drawer, job)
                async with listening(printer, wanted):
                    await happens(wanted, within_s=LOOK_EVERY_S)
    finally:
        await printer.close()


@asynccontextmanager
async def listening(printer: Printer, wanted: asyncio.Event) -> AsyncIterator[None]:
    """Set `wanted` when the printer tells that something changed, while the context is open."""

    async def listen() -> None:
        await printer.changed()
        await asyncio.sleep(NEWS_PAUSE_S)
        wanted.set()

    news = asyncio.create_task(listen())
    try:
        yield
    finally:
        news.cancel()
        await asyncio.gather(news, return_exceptions=True)


async def _do(shop: Shop, settings: EscposPrinterSettings, printer: Printer, drawer: Drawer | None, job: Job) -> None:
    try:
        if job.kind == "receipt":
            await printer.print_job(await _paper(shop, settings, job))
        elif drawer is not None:
            await drawer.open(f"cash for {job.document_id}")
    except OutcomeUnknown:
        await _write(shop, service.outcome_unknown, job, shop.clock.now())
        log.warning("print_outcome_unknown", job=job.id, document=job.document_id)
        raise
    except DeviceError:
        await _write(shop, service.not_sent, job)
        raise
    except Unavailable:
        raise  # the disk, not the paper
    except Exception:  # a receipt that cannot be made must not stop the ones behind it
        log.exception("receipt_failed", job=job.id, document=job.document_id)
        await _write(shop, service.failed, job)
        return
    await _write(shop, service.printed, job)
    if job.kind == "receipt":
        shop.metrics.receipts_printed.inc()
    elif drawer is not None:
        log.info("drawer_opened", document=job.document_id)
    shop.announce_all_lanes()


async def _write(shop: Shop, outcome: Callable[..., None], *facts: object) -> None:
    """Write down what became of a job, as soon as the disk takes it: what was forgotten would be printed again."""
    while True:
        try:
            return await shop.db.transact(outcome, *facts)
        except Unavailable as error:
            log.warning("print_outcome_waits", error=str(error))
            await asyncio.sleep(RETRY_S)


async def _paper(shop: Shop, settings: EscposPrinterSettings, job: Job) -> PrintJob:
    store = shop.catalogue.store
    document = await shop.db.transact(service.document, job.document_id)
    if isinstance(document, Report):
        lines = day.lay_out(document, store, settings.columns, is_copy=job.is_copy)
        return PrintJob(job_id=str(job.id), lines=lines, qr=None, right_to_left=store.language in RIGHT_TO_LEFT)
    receipt = service.receipt_of(document, store, is_copy=job.is_copy)
    return PrintJob(
        job_id=str(job.id),
        lines=lay_out(receipt, settings.columns),
        qr=receipt.code,
        barcode=Barcode("code128", receipt.barcode) if receipt.barcode else None,
        logo=b64decode(store.logo) if store.logo else None,
        right_to_left=receipt.is_right_to_left,
    )


def _demand_usable(status: PrinterStatus) -> None:
    if status.paper == "out":
        raise PrinterOutOfPaper
    if status.cover_open:
        raise PrinterCoverOpen
    if status.error:
        raise PrinterFault
