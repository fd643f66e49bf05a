"""What a running daemon has: the parts that doors and workers share."""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from aiohttp import web

from devices.card_readers.interface import Card
from devices.drivers import Device
from devices.errors import BadFrame, UnreadableCard
from devices.rfid.interface import TagReads
from devices.scanners.interface import Scan
from devices.supervision import DeviceState
from edge.baskets.pricing import Pricing
from edge.catalogue.freshness import Prices
from edge.catalogue.open_catalogue import Catalogue
from edge.config import Config
from edge.database import Database, Transaction
from edge.days import service as days
from edge.days.models import OpenDay
from edge.fleet.models import Identity
from edge.handover.gateway import Boxes, NoBoxes
from edge.handover.models import Desk
from edge.journal import Journal
from edge.metrics import Metrics
from edge.neighbours.models import Company
from edge.store_clock import StoreClock
from edge.uses.models import Share
from shared import ids
from shared.api.live import Hub
from shared.errors import NotFound, ShopwrightError
from shared.events.fact import Fact
from shared.model.basket import Basket
from shared.model.order import Order
from shared.promotions.pack import Pack

# Topics of the hub, besides lane:<name>.
PRINTING = "printing"  # a print job was queued
JOURNAL = "journal"  # an entry was written
FACTS = "facts"  # a basket, an order or a device changed; the broker tells the store
NEIGHBOURS = "neighbours"  # another box of the store was found, or found elsewhere
DEVICES = "devices"  # one of them is doing better or worse

TOLD_MAX = 1_000  # messages kept while the broker is away
NOTICE_S = 8.0  # how long a screen shows trouble with a scan
DEFAULT_LANE = "kiosk"
PACKS_KEPT_MAX = 8  # in memory; a basket that outlives seven changes of promotions takes the present ones


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong with a scan, for the people at the lane."""

    id: int
    error: ShopwrightError
    at: datetime
    until_s: float  # on the monotonic clock


@dataclass(frozen=True, slots=True)
class Told:
    """One message for the store's broker."""

    topic: str
    body: str  # JSON
    retained: bool  # whether those who listen later are told too


Heard = Scan | BadFrame | Card | UnreadableCard | TagReads  # what devices say by themselves


@dataclass(slots=True)
class Line:
    """The line to head office, as it was last seen."""

    online: bool = False
    last_contact_at: datetime | None = None
    unsent: int = 0
    clock_noted_from_s: float = float("-inf")  # monotonic: from then on a wrong clock is written down again
    certificate_from_s: float = float("-inf")  # monotonic: from then on head office is asked for the certificate again
    has_parted: bool = False  # what head office holds of this box is not what it wrote: its disk was set back
    shown: tuple[bool, int] | None = None  # (online, unsent) that screens know


@dataclass(slots=True)
class Shop:
    """One node's parts. Whatever must survive is in `db`; what is here besides can be lost at any moment."""

    config: Config
    db: Database
    catalogue: Catalogue
    identity: Identity
    journal: Journal
    clock: StoreClock
    metrics: Metrics
    hub: Hub = field(default_factory=Hub)
    line: Line = field(default_factory=Line)
    hardware: Mapping[str, Device] = field(default_factory=dict)  # by name, as configured
    devices: dict[str, DeviceState] = field(default_factory=dict)  # how each is doing
    device_changes: Counter[str] = field(default_factory=Counter)  # since the start, by device
    taps: dict[str, "asyncio.Queue[Heard]"] = field(default_factory=dict)  # devices that are being listened to on trial
    # (basket id, payment id) of card payments that were charged without an order: taken back from memory as soon as the
    # disk takes anything again; after a restart `checkout.recover` finds the same.
    disowned: list[tuple[str, str]] = field(default_factory=list)
    # Payments that are going on, by the attempt with which head office is asked. What was asked for any other is
    # given back, so one that is refused, cut off or lost in a restart needs nothing more than to be gone from here.
    attempts: set[str] = field(default_factory=set)
    packs: dict[str, Pack] = field(default_factory=dict)  # promotions that baskets were begun with, by version
    shown: dict[str, Basket] = field(default_factory=dict)  # open baskets as they were shown last; one a lane
    left_out: dict[str, str] = field(default_factory=dict)  # promotions that head office knows to be left out here
    open_day: OpenDay = field(default_factory=OpenDay)  # the sums since the last closing, as far as anybody asked
    company: Company = field(default_factory=Company)  # the other boxes of the store
    boxes: Boxes = field(default_factory=NoBoxes)  # asks them for baskets
    desk: Desk = field(default_factory=Desk)  # who asked for which basket
    troubles: dict[str, Trouble] = field(default_factory=dict)  # by lane
    # Changes to tell on the store's broker, newest last; it is announced, not promised, so old ones may fall out.
    told: deque[Told] = field(default_factory=lambda: deque(maxlen=TOLD_MAX))

    def pricing(self) -> Pricing:
        """Return what baskets are priced with now. Raises StoreNotReady."""
        pack = self.catalogue.pack
        self.packs.setdefault(pack.version, pack)
        while len(self.packs) > PACKS_KEPT_MAX:
            self.packs.pop(next(iter(self.packs)))
        share = Share(self.catalogue.leases, self.identity.node_id, is_away=not self.line.online)
        return Pricing(pack, self.catalogue.store, self.clock.now(), self.packs, share)

    def prices(self) -> Prices:
        """Return how old the prices may be."""
        freshness = self.catalogue.freshness
        if freshness is None:
            return Prices(as_of=None, age_s=None, state="unknown")
        state = freshness.age(self.clock, self.config.head_office.prices_old_after_s)
        return Prices(as_of=freshness.as_of, age_s=freshness.age_s(self.clock), state=state)

    def business_day(self, tx: Transaction, now: datetime) -> date:
        """Return the day to which something that happens now belongs; a box that knows no store yet goes by UTC."""
        return days.business_day(tx, self.catalogue.store, now) if self.catalogue.is_ready else now.date()

    def record(self, tx: Transaction, *facts: Fact) -> None:
        """Write down what happens now; for what happens to the box itself, not to a basket or an order."""
        now = self.clock.now()
        for fact in facts:
            self.journal.record(tx, fact, now, self.business_day(tx, now))

    async def summed_day(self) -> OpenDay:
        """Return the open day's sums, brought up to date in small steps, so that sales go on meanwhile.

        Only what is on disk is added: a step that came to nothing is not counted.
        """
        while True:
            day, facts = await self.db.transact(days.following, self.open_day)
            self.open_day = day.add(facts)
            if not facts:
                return self.open_day

    def announce_lane(self, lane: str) -> None:
        """Let the lane's screens read their state again."""
        self.hub.announce(f"lane:{lane}")

    def basket_changed(self, basket: Basket) -> None:
        """Show a basket's new state at its lane and tell the store."""
        if basket.state == "open":
            self.shown[basket.id] = basket
        else:
            self.shown.pop(basket.id, None)
        self.announce_lane(basket.lane)
        body = {"id": basket.id, "state": basket.state, "version": basket.version, "total_minor": basket.due_minor}
        self.tell(f"baskets/{basket.lane}", body)

    def order_placed(self, order: Order) -> None:
        """Show a new order at its lane, print it, send it up, and tell the store."""
        self.shown.pop(order.id, None)
        self.metrics.orders.labels(tender=order.tenders[0].kind).inc()
        self.entry_written()
        self.announce_lane(order.lane)
        body = {"id": order.id, "receipt_number": order.receipt_number, "total_minor": order.due_minor}
        self.tell(f"orders/{order.lane}", body)

    def entry_written(self, entries: int = 1) -> None:
        """Print, send up and bring to those it is promised to what has just been written to the journal."""
        self.line.unsent += entries  # until head office confirms it
        self.hub.announce(PRINTING)
        self.hub.announce(JOURNAL)
        self.hub.announce(FACTS)

    def disown(self, basket_id: str, payment_id: str) -> None:
        """Let a charged payment be taken back and its basket be opened, whenever that can be written down."""
        self.disowned.append((basket_id, payment_id))

    @contextmanager
    def paying(self) -> Iterator[str]:
        """Name an attempt to pay; as long as it lasts, nothing that was asked for it is given back."""
        attempt = ids.new_id()
        self.attempts.add(attempt)
        try:
            yield attempt
        finally:
            self.attempts.discard(attempt)

    def tell(self, topic: str, body: dict[str, object], *, retained: bool = False) -> None:
        """Announce a fact on the store's broker, below `store/<code>/`.

        retained: those who listen later are told too; for what is true until it changes, and nobody's secret.
        """
        self.told.append(Told(f"store/{self.catalogue.store.code}/{topic}", json.dumps(body), retained))
        self.hub.announce(FACTS)

    def announce_all_lanes(self) -> None:
        for lane in self.lanes():
            self.announce_lane(lane)

    def lanes(self) -> Iterable[str]:
        """Return the lanes of this node."""
        return {DEFAULT_LANE} | {device.lane for device in self.config.devices if device.kind == "scanner"}

    def demand_lane(self, lane: str) -> None:
        """Raises NotFound unless the lane is one of this node's."""
        if lane not in self.lanes():
            raise NotFound(kind="lane", lane=lane)

    def device_changed(self, state: DeviceState) -> None:
        """Take note of how a device is doing, and show it."""
        self.devices[state.name] = state
        works = state.state in {"ready", "degraded"}
        self.metrics.device_ready.labels(device=state.name, kind=state.kind).set(works)
        self.announce_all_lanes()
        if state.state != "connecting":
            self.device_changes[state.name] += 1
            self.metrics.device_changes.labels(device=state.name, kind=state.kind, state=state.state).inc()
        self.hub.announce(DEVICES)
        self._tell_device(state)

    def tell_devices(self) -> None:
        """Announce how all devices are doing, to a broker that does not know."""
        for state in self.devices.values():
            self._tell_device(state)

    def _tell_device(self, state: DeviceState) -> None:
        if state.state != "connecting" and self.catalogue.is_ready:  # before that nobody knows the store's code
            self.tell(f"devices/{state.name}", asdict(state), retained=True)

    def tapped(self, name: str, heard: Heard) -> bool:
        """Let whoever tries a device out hear it too. Returns whether somebody does."""
        if name not in self.taps:
            return False
        with suppress(asyncio.QueueFull):  # more than a trial looks at
            self.taps[name].put_nowait(heard)
        return True

    def broker_refused(self, reason: str) -> None:
        """Count a client of the broker that was sent away or cut off."""
        self.metrics.broker_refusals.labels(reason=reason).inc()

    def scan_failed(self, lane: str, error: ShopwrightError) -> None:
        """Tell the lane's people what is wrong with their scan."""
        self.metrics.scans.labels(result=error.code).inc()
        known = self.troubles.get(lane)
        number = known.id + 1 if known else 1
        self.troubles[lane] = Trouble(number, error, self.clock.now(), self.clock.monotonic_s() + NOTICE_S)
        self.announce_lane(lane)

    def trouble(self, lane: str) -> Trouble | None:
        """Return the lane's trouble while it is fresh."""
        known = self.troubles.get(lane)
        return known if known and known.until_s > self.clock.monotonic_s() else None


SHOP: web.AppKey[Shop] = web.AppKey("shop", Shop)
