"""At least once: what is promised is written down with the fact itself, and goes when its receiver has it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from edge.broker import storage
from edge.broker.models import Promised
from edge.broker.settings import BrokerUser, Promise
from edge.database import Transaction
from shared import ids
from shared.events.devices import DeviceChange, DeviceConnected, DeviceDegraded, DeviceFailed
from shared.events.fact import Fact
from shared.events.orders import OrderCompleted, OrderRefunded

WINDOW = 100  # messages that one receiver is sent before it acknowledged the first of them
WAITING_MAX = 100_000  # in all; a busy store's month, about 50 MB

Handler = Callable[[Transaction, Any], None]


def handlers(users: Sequence[BrokerUser]) -> Mapping[type[Fact], Handler]:
    """Return what puts facts into the inboxes of those to whom they are promised; nothing for facts of nobody."""
    receivers: dict[Promise, tuple[str, ...]] = {}
    for user in users:
        for promise in user.promised:
            receivers[promise] = (*receivers.get(promise, ()), user.name)

    def on_order_completed(tx: Transaction, fact: OrderCompleted) -> None:
        order = fact.order
        body = {
            "id": order.id,
            "receipt_number": order.receipt_number,
            "lane": order.lane,
            "currency": order.currency,
            "total_minor": order.due_minor,
            "lines": [{"sku": line.sku, "quantity": line.quantity} for line in order.lines],
        }
        _promise(tx, receivers["orders"], f"orders/{order.lane}", fact, body)

    def on_order_refunded(tx: Transaction, fact: OrderRefunded) -> None:
        refund = fact.refund
        body = {
            "id": refund.id,
            "receipt_number": refund.receipt_number,
            "order_id": refund.order_id,
            "currency": refund.currency,
            "total_minor": refund.total_minor,
            "lines": [{"sku": line.sku, "quantity": line.quantity} for line in refund.lines],
        }
        _promise(tx, receivers["refunds"], "refunds", fact, body)

    def on_device_changed(tx: Transaction, fact: DeviceChange) -> None:
        _promise(tx, receivers["devices"], f"devices/{fact.device}", fact, fact.model_dump())

    table: dict[Promise, dict[type[Fact], Handler]] = {
        "orders": {OrderCompleted: on_order_completed},
        "refunds": {OrderRefunded: on_order_refunded},
        "devices": dict.fromkeys((DeviceConnected, DeviceDegraded, DeviceFailed), on_device_changed),
    }
    return {fact: handler for promise in receivers for fact, handler in table.get(promise, {}).items()}


def _promise(tx: Transaction, receivers: Iterable[str], topic: str, fact: Fact, body: Mapping[str, Any]) -> None:
    for receiver in receivers:
        message_id = ids.new_id()
        message = {"id": message_id, "event": fact.event_name, "version": fact.event_version, "body": body}
        storage.add(tx, message_id, receiver, topic, json.dumps(message))


def waiting(tx: Transaction, receivers: Iterable[str]) -> list[Promised]:
    """Return what each receiver is to have next, oldest first."""
    return [message for receiver in receivers for message in storage.oldest(tx, receiver, WINDOW)]


def take_receipts(tx: Transaction, receipts: Iterable[tuple[str, Sequence[str]]]) -> int:
    """Take out what receivers have. A receipt that comes twice, or for nothing, changes nothing. Returns how many."""
    return sum(storage.remove(tx, receiver, acknowledged) for receiver, acknowledged in receipts)


def give_up(tx: Transaction, receivers: Iterable[str], ran_s: float, kept_s: float) -> int:
    """Count the seconds that the daemon ran, and drop what is too old, too much, or for nobody; returns how many.

    Age is time of running, not of the wall clock: that one may jump by years, and a box that was off for a week would
    wake up to an empty outbox.
    """
    storage.add_running_s(tx, ran_s)
    dropped = storage.remove_strangers(tx, receivers) + storage.remove_older(tx, kept_s)
    return dropped + storage.remove_beyond(tx, WAITING_MAX)
