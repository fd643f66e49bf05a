"""Keeps the store's broker going, tells it what happened, and sends what is promised until there is a receipt."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import structlog
from pydantic import ValidationError

from edge.broker import service
from edge.broker.embedded import open_own
from edge.broker.link import BrokerAway, Link
from edge.broker.models import Promised, Receipt
from edge.database import Transaction
from edge.shop import FACTS, Shop
from shared.workers import happens

log = structlog.get_logger()

RETRY_S = 5.0  # how soon a busy port, or a broker that is away, is tried again
LOOK_EVERY_S = 1.0  # how soon a message that is due again goes out
AGAIN_FIRST_S = 2.0  # when a message without a receipt is sent again, and twice as late each time
AGAIN_MAX_S = 30.0
COUNT_EVERY_S = 60.0  # how often the age of what waits is written down
RECEIPTS_MAX = 1_000  # that wait for the disk; those of a flood are dropped, and asked for by sending again


@dataclass(slots=True)
class Receipts:
    """What receivers said since it was looked at last."""

    shop: Shop
    came: deque[tuple[str, tuple[str, ...]]] = field(default_factory=lambda: deque(maxlen=RECEIPTS_MAX))

    def take(self, receiver: str, payload: bytes) -> None:
        """Keep a receipt; what is none is counted and forgotten."""
        try:
            receipt = Receipt.model_validate_json(payload)
        except ValidationError:
            self.shop.metrics.broker_refusals.labels(reason="bad_receipt").inc()
            return
        self.came.append((receiver, receipt.ids))
        self.shop.hub.announce(FACTS)

    def drain(self) -> list[tuple[str, tuple[str, ...]]]:
        came = list(self.came)
        self.came.clear()
        return came


OpenLink = Callable[[Shop, Receipts], AbstractAsyncContextManager[Link]]


@dataclass(slots=True)
class Pace:
    """When each message was sent, by seconds that only grow."""

    sent: dict[str, tuple[int, float]] = field(default_factory=dict)  # by id: how often, and when it is due again

    def due(self, waiting: list[Promised], now_s: float) -> list[Promised]:
        """Return those to be sent now, and forget those that wait no more."""
        self.sent = {message.id: self.sent[message.id] for message in waiting if message.id in self.sent}
        due = [message for message in waiting if self.sent.get(message.id, (0, now_s))[1] <= now_s]
        for message in due:
            times = self.sent.get(message.id, (0, 0.0))[0]
            pause_s = min(AGAIN_FIRST_S * 2.0 ** min(times, 10), AGAIN_MAX_S)
            self.sent[message.id] = (times + 1, now_s + pause_s)
        return due

    def begin_anew(self, receiver: str, waiting: list[Promised]) -> None:
        """Let a receiver that says it is there have everything at once."""
        for message in waiting:
            if message.receiver == receiver:
                self.sent.pop(message.id, None)


async def announce(shop: Shop, open_link: OpenLink | None = None) -> None:
    """Keep a broker open and tell it what happens; one that is away never stops the shop.

    open_link: opens a broker; by default the one that the settings name.
    """
    receipts = Receipts(shop)
    while True:
        try:
            async with (open_link or _open)(shop, receipts) as link:
                log.info("broker_open", external=shop.config.broker.url is not None)
                shop.tell_devices()
                await _serve(shop, link, receipts)
        except BrokerAway as error:
            log.warning("broker_away", error=str(error))
            await asyncio.sleep(RETRY_S)


@asynccontextmanager
async def _open(shop: Shop, receipts: Receipts) -> AsyncIterator[Link]:
    settings = shop.config.broker
    if settings.url is not None:
        from edge.broker.external import open_external  # most stores have no other broker

        async with open_external(settings, f"shopwright-{shop.identity.node_id}", receipts.take) as external:
            yield external
    else:
        folder = shop.db.path.parent
        async with open_own(settings, folder, receipts.take, shop.broker_refused) as (own, _):
            yield own


async def _serve(shop: Shop, link: Link, receipts: Receipts) -> None:
    receivers = tuple(user.name for user in shop.config.broker.users if user.promised)
    pace, counted_s = Pace(), shop.clock.monotonic_s()
    with shop.hub.watching(FACTS) as told:
        while True:
            told.clear()
            link.demand_open()
            while shop.told:
                message = shop.told.popleft()
                await link.publish(message.topic, message.body, retained=message.retained)
            if receivers:
                await _deliver(shop, link, receivers, receipts.drain(), pace)
                ran_s = shop.clock.monotonic_s() - counted_s
                if ran_s >= COUNT_EVERY_S:
                    counted_s += ran_s
                    await _give_up(shop, receivers, ran_s)
            await happens(told, within_s=LOOK_EVERY_S)


async def _deliver(
    shop: Shop, link: Link, receivers: Sequence[str], came: Sequence[tuple[str, tuple[str, ...]]], pace: Pace
) -> None:
    """Take receipts, and send what is due."""
    taken, waiting = await shop.db.transact(_exchange, came, receivers)
    shop.metrics.outbox_acknowledged.inc(taken)
    shop.metrics.outbox_waiting.set(len(waiting))
    for receiver in {receiver for receiver, ids in came if not ids}:
        pace.begin_anew(receiver, waiting)
    for message in pace.due(waiting, shop.clock.monotonic_s()):
        await link.publish(f"inbox/{message.receiver}/{message.topic}", message.body)


def _exchange(
    tx: Transaction, came: Sequence[tuple[str, tuple[str, ...]]], receivers: Sequence[str]
) -> tuple[int, list[Promised]]:
    return service.take_receipts(tx, came), service.waiting(tx, receivers)


async def _give_up(shop: Shop, receivers: Sequence[str], ran_s: float) -> None:
    kept_s = shop.config.broker.promised_hours * 3600
    dropped = await shop.db.transact(service.give_up, receivers, ran_s, kept_s)
    if dropped:
        shop.metrics.outbox_given_up.inc(dropped)
        log.warning("outbox_given_up", messages=dropped)
