"""Which paper is due, and what is known of it."""

from datetime import datetime, timedelta

from edge import requests
from edge.database import Transaction
from edge.days import service as days
from edge.days.models import OpenDay
from edge.journal import Handler
from edge.orders import service as orders
from edge.receipts import storage
from edge.receipts.models import Job, Printing
from shared.events.days import DayClosed
from shared.events.fact import Fact
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.day import Report
from shared.model.order import Order, Refund
from shared.model.store import Store
from shared.protocol.enrolment import Enrolled
from shared.receipts.document import Receipt, of_order, of_refund

# A printer that never confirms would else print copies until its paper ends; after these a person asks for one.
ATTEMPTS_MAX = 3
INTERRUPTIONS_MAX = 20  # a power cut says nothing about the printer; a receipt that fells the daemon must end, too
DRAWER_PATIENCE = timedelta(seconds=30)  # a drawer that opens later opens in front of somebody else


def on_order_completed(tx: Transaction, completed: OrderCompleted) -> None:
    """Open the drawer for cash, and only for cash; then print the receipt."""
    order = completed.order
    if any(tender.kind == "cash" for tender in order.tenders):
        storage.add(tx, "drawer", order.id, order.placed_at, is_copy=False)
    storage.add(tx, "receipt", order.id, order.placed_at, is_copy=False)


def on_order_refunded(tx: Transaction, refunded: OrderRefunded) -> None:
    refund = refunded.refund
    storage.add(tx, "drawer", refund.id, refund.placed_at, is_copy=False)
    storage.add(tx, "receipt", refund.id, refund.placed_at, is_copy=False)


def on_day_closed(tx: Transaction, closed: DayClosed) -> None:
    storage.add(tx, "receipt", closed.closing.id, closed.closing.at, is_copy=False)


handlers: dict[type[Fact], Handler] = {
    OrderCompleted: on_order_completed,
    OrderRefunded: on_order_refunded,
    DayClosed: on_day_closed,
}


def print_copy(tx: Transaction, document_id: str, now: datetime, key: str | None) -> int:
    """Queue a copy of a receipt or day report; a repeat with `key` queues no second one.

    Returns the job's id. Raises UnknownOrder.
    """
    document(tx, document_id)
    if not requests.is_first(tx, key, f"copy {document_id}", now):
        return int(requests.made_by(tx, key) or storage.newest_receipt(tx, document_id))
    job_id = storage.add(tx, "receipt", document_id, now, is_copy=True)
    requests.note_made(tx, key, str(job_id))
    return job_id


def receipt(tx: Transaction, document_id: str, store: Store, *, is_copy: bool = False) -> Receipt:
    """Return the receipt of an order or refund. Raises UnknownOrder."""
    return receipt_of(orders.document(tx, document_id), store, is_copy=is_copy)


def receipt_of(document: Order | Refund, store: Store, *, is_copy: bool = False) -> Receipt:
    """Write the receipt of an order or refund."""
    if isinstance(document, Order):
        return of_order(document, store, is_copy=is_copy)
    return of_refund(document, store, is_copy=is_copy)


def print_open_day(tx: Transaction, day: OpenDay, store: Store, node: Enrolled, now: datetime, key: str | None) -> int:
    """Keep the X report of this moment and queue it; a repeat with `key` queues no second one. Returns the job's id.

    day: most of it, summed before.
    """
    if not requests.is_first(tx, key, "print the open day", now):
        return int(requests.made_by(tx, key) or storage.newest_receipt(tx, days.newest_reading(tx)))
    report = days.report(tx, day, store, node, now)
    days.keep(tx, report)
    job_id = storage.add(tx, "receipt", report.id, report.at, is_copy=False)
    requests.note_made(tx, key, str(job_id))
    return job_id


def document(tx: Transaction, document_id: str) -> Order | Refund | Report:
    """Return what is to be printed. Raises UnknownOrder."""
    return days.kept(tx, document_id) or orders.document(tx, document_id)


def next_job(tx: Transaction, now: datetime) -> Job | None:
    """Take the oldest job and note that the printer is about to get it."""
    storage.drop_drawer_jobs_outside(tx, now - DRAWER_PATIENCE, now)  # a clock set back makes jobs of the future
    job = storage.oldest_waiting(tx)
    if job is not None:
        storage.set_state(tx, job.id, "sending")
    return job


def printed(tx: Transaction, job: Job) -> None:
    storage.set_state(tx, job.id, "printed")


def not_sent(tx: Transaction, job: Job) -> None:
    """The printer got nothing of the job: it waits for the next attempt."""
    storage.set_state(tx, job.id, "waiting")


def failed(tx: Transaction, job: Job) -> None:
    """The paper could not be made at all."""
    storage.set_state(tx, job.id, "failed")


def outcome_unknown(tx: Transaction, job: Job, now: datetime) -> None:
    """The job may be on paper, so it is never repeated as it was: a receipt comes again as a COPY, a few times."""
    storage.set_state(tx, job.id, "unknown")
    _print_again(tx, job, now, storage.count_unknown(tx, job.document_id, interrupted=False) < ATTEMPTS_MAX)


def recover(tx: Transaction, now: datetime) -> None:
    """After a start: what was with the printer when the daemon died may be on paper."""
    for job in storage.sending(tx):
        storage.set_interrupted(tx, job.id)
        _print_again(tx, job, now, storage.count_unknown(tx, job.document_id, interrupted=True) < INTERRUPTIONS_MAX)


def _print_again(tx: Transaction, job: Job, now: datetime, may: bool) -> None:
    if may and job.kind == "receipt":
        storage.add(tx, "receipt", job.document_id, now, is_copy=True)


def printing(tx: Transaction, document_id: str) -> Printing:
    """Tell how far an order's receipt is."""
    states = storage.receipt_states(tx, document_id)
    if "printed" in states:
        return "printed"
    return "unknown" if states & {"unknown", "failed"} else "waiting"
