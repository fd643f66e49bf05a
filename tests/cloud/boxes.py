"""A box in a store, as head office knows it: a key, a journal with its chain, and what it sells."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.clock import Clock
from shared.days import Tally
from shared.events.days import DayClosed
from shared.events.fact import Fact
from shared.events.nodes import NodeStarted
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.day import Closing
from shared.model.order import Order, Refund
from shared.promotions.evaluation import Application, Part
from shared.protocol import batch, entry, token
from shared.protocol.batch import Backlog, Batch

DAY = date(2026, 3, 2)
PLACED_AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def an_id(number: int) -> str:
    """Return an id; a greater number sorts as newer."""
    return f"0190a000-0000-7000-8000-{number:012x}"


@dataclass(slots=True)
class Box:
    """A node's box. It writes facts into its journal and makes batches of any part of it."""

    clock: Clock
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    id: str = ""
    tenant_id: str = ""
    store_id: str = ""
    series: str = ""
    entries: list[bytes] = field(default_factory=list)
    facts: dict[int, Fact] = field(default_factory=dict)  # by seq, as far as it wrote them itself
    closings: list[Closing] = field(default_factory=list)

    @property
    def public_key(self) -> str:
        return self.key.public_key().public_bytes_raw().hex()

    def become(self, enrolled: dict[str, Any]) -> None:
        """Take the identity that head office gave."""
        self.id, self.series = enrolled["node_id"], enrolled["series"]
        self.tenant_id, self.store_id = enrolled["tenant_id"], enrolled["store_id"]

    def token(self) -> str:
        return token.issue(self.key, self.id, self.clock.now())

    def write(self, *facts: Fact) -> None:
        """Append facts to the journal."""
        for fact in facts:
            seq = len(self.entries) + 1
            self.facts[seq] = fact
            self.entries.append(entry.write(seq, an_id(seq), fact, self.clock.now(), DAY))

    def head(self, seq: int) -> bytes:
        """Return the chain's hash after entry `seq`."""
        reached = entry.genesis(self.id)
        for written in self.entries[:seq]:
            reached = entry.chained(reached, written)
        return reached

    def batch(self, first_seq: int = 1, last_seq: int | None = None, backlog: Backlog | None = None) -> Batch:
        """Sign the entries from `first_seq` to `last_seq`, by default to the end."""
        last_seq = last_seq or len(self.entries)
        chosen = self.entries[first_seq - 1 : last_seq]
        backlog = backlog or Backlog(unsent=len(chosen))
        return batch.sign(self.key, self.id, first_seq, chosen, self.head(last_seq), backlog)

    def started(self, *versions: str) -> None:
        """Note starts of the daemon: the smallest fact there is."""
        self.write(*(NodeStarted(software_version=version) for version in versions))

    def sold(self, number: int, **changes: Any) -> Order:
        """Complete an order and note it."""
        order = an_order(self, number, **changes)
        self.write(OrderCompleted(order=order))
        return order

    def took_back(self, number: int, order: Order, **changes: Any) -> Refund:
        """Refund one unit of an order and note it."""
        refund = a_refund(self, number, order, **changes)
        self.write(OrderRefunded(refund=refund))
        return refund

    def closed(self, day: date = DAY, **changes: Any) -> Closing:
        """Close the day: the figures are those of what it wrote since the last closing, unless they are changed."""
        last = self.closings[-1] if self.closings else None
        first_seq, last_seq = (last.last_seq + 1 if last else 1), len(self.entries)
        tally = Tally()
        for seq in range(first_seq, last_seq + 1):
            if seq in self.facts:
                tally.add(self.facts[seq])
        figures = tally.figures().model_copy(update=changes.pop("figures", {}))
        content = {
            "id": an_id(900_000 + last_seq), "number": last.number + 1 if last else 1, "business_day": day,
            "at": self.clock.now(), "series": self.series, "currency": "GBP", "first_seq": first_seq,
            "last_seq": last_seq, "figures": figures,
            "all_time_minor": (last.all_time_minor if last else 0) + figures.kept_minor,
        }  # fmt: skip
        closing = Closing.model_validate({**content, **changes})
        self.closings.append(closing)
        self.write(DayClosed(closing=closing))
        return closing


def an_order(box: Box, number: int, **changes: Any) -> Order:
    """Return two mugs for 6.00 each less 2.00, tax 20 % contained, paid in cash."""
    line = {
        "number": 1, "sku": "mug", "name": "Mug", "quantity": 2, "unit_price_minor": 600, "gross_minor": 1200,
        "discount_minor": 200, "total_minor": 1000, "tax_class": "standard", "tax_rate_bp": 2000, "tax_minor": 167,
    }  # fmt: skip
    part = Part(line_number=1, role="rewarded", units=2, net_minor=600, discount_minor=200)
    use = Application(
        promotion_id="P1", name="2.00 off", version=1, family="group", layer=1, times=1,
        parts=(part,), net_minor=1200, discount_minor=200, residue=0,
    )  # fmt: skip
    tax = {"tax_class": "standard", "rate_bp": 2000, "gross_minor": 1000, "net_minor": 833, "tax_minor": 167}
    content = {
        "id": an_id(number), "receipt_number": f"{box.series}-{number:06}", "store_id": box.store_id,
        "node_id": box.id, "lane": "kiosk", "placed_at": PLACED_AT, "business_day": DAY, "currency": "GBP",
        "language": "en", "lines": (line,), "applications": (use,), "pack_version": "0123456789abcdef",
        "tax_policy": "inclusive-per-rate-half-up", "taxes": (tax,), "gross_minor": 1200, "discount_minor": 200,
        "total_minor": 1000, "rounding_minor": 0, "tenders": (cash(1000, 2000),),
    }  # fmt: skip
    return Order.model_validate({**content, **changes})


def cash(amount_minor: int, tendered_minor: int) -> dict[str, Any]:
    change_minor = tendered_minor - amount_minor
    return {
        "kind": "cash", "amount_minor": amount_minor, "tendered_minor": tendered_minor, "change_minor": change_minor,
    }  # fmt: skip


def a_refund(box: Box, number: int, order: Order, **changes: Any) -> Refund:
    """Return the refund of one mug at the 5.00 that was paid for it."""
    line = {
        "number": 1, "sku": "mug", "name": "Mug", "quantity": 1, "amount_minor": 500, "tax_class": "standard",
        "tax_rate_bp": 2000, "tax_minor": 83,
    }  # fmt: skip
    tax = {"tax_class": "standard", "rate_bp": 2000, "gross_minor": 500, "net_minor": 417, "tax_minor": 83}
    content = {
        "id": an_id(number), "receipt_number": f"{box.series}-{number:06}", "order_id": order.id,
        "order_receipt_number": order.receipt_number, "store_id": box.store_id, "node_id": box.id,
        "placed_at": PLACED_AT, "business_day": DAY, "currency": "GBP", "language": "en", "lines": (line,),
        "taxes": (tax,), "total_minor": 500, "rounding_minor": 0, "tender": cash(500, 500),
    }  # fmt: skip
    return Refund.model_validate({**content, **changes})


def raw_entry(seq: int, text: str) -> bytes:
    """Return an entry whose body and name are as given, in a sound envelope."""
    head = f'"seq": {seq}, "id": "{an_id(seq)}", "at": "2026-03-02T09:00:00Z", "business_day": "2026-03-02"'
    return f"{{{head}, {text}}}".encode()
