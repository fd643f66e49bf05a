"""What the simulation knows by itself: the journal of each node as it was seen on disk, and what people were told."""

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from edge.database import Transaction
from shared.events.fact import Fact
from shared.protocol import entry


class Violation(AssertionError):
    """A promise of the product was broken."""


def demand(holds: object, promise: str, **facts: object) -> None:
    """Raises Violation unless it holds."""
    if not holds:
        raise Violation(f"{promise} {facts}")


class UnheardOf(Fact):
    """A fact that no head office knows: it must not hold up what stands behind it."""

    event_name: ClassVar[str] = "unheard-of"
    grains: int


@dataclass(frozen=True)
class Document:
    """An order or a refund as the node wrote it."""

    seq: int
    number: str
    total_minor: int
    due_minor: int
    payment_id: str | None


@dataclass
class Books:
    """One node's journal, read as it grows, and what the node promised."""

    node_id: str
    series: str
    hashes: list[bytes] = field(default_factory=list)  # one an entry
    orders: dict[str, Document] = field(default_factory=dict)
    refunds: dict[str, Document] = field(default_factory=dict)
    poison: set[int] = field(default_factory=set)
    told: dict[str, int] = field(default_factory=dict)  # orders and refunds that were confirmed, with their amounts
    is_set_back: bool = False  # an old disk image was put in the box's place: this is what it wrote until then

    def head(self) -> bytes:
        return self.hashes[-1] if self.hashes else entry.genesis(self.node_id)

    def read(self, tx: Transaction) -> None:
        """Read what was written since; raises Violation where chain, numbers or order are not as promised."""
        seq = len(self.hashes)
        kept = tx.value("select hash from journal where seq = ?", (seq,)) if seq else self.head()
        demand(kept == self.head(), "what was committed is there for good", node=self.series, seq=seq)
        for number, written, stored in tx.rows(
            "select seq, entry, hash from journal where seq > ? order by seq", (seq,)
        ):
            demand(number == len(self.hashes) + 1, "a journal has no gap", node=self.series, seq=number)
            expected = entry.chained(self.head(), written)
            demand(stored == expected, "a journal's chain is whole", node=self.series, seq=number)
            self.hashes.append(stored)
            self._note(number, json.loads(written))
        acknowledged = tx.value("select seq from acknowledged")
        demand(acknowledged <= len(self.hashes), "no more is acknowledged than was written", node=self.series)

    def confirm(self, document_id: str, amount_minor: int) -> None:
        """Note that somebody was told that it is done. Raises Violation unless it stands in the journal so."""
        self.told[document_id] = amount_minor
        known = self.orders.get(document_id) or self.refunds.get(document_id)
        demand(known is not None, "what was confirmed is kept", node=self.series, document=document_id)
        assert known is not None
        demand(known.due_minor == amount_minor, "what was confirmed is kept as it was", node=self.series, kept=known)

    def _note(self, seq: int, written: dict[str, Any]) -> None:
        body = written["body"]
        if written["name"] == UnheardOf.event_name:
            self.poison.add(seq)
        elif "order" in body:
            self._file(self.orders, seq, body["order"], body["order"]["tenders"][0])
        elif "refund" in body:
            self._file(self.refunds, seq, body["refund"], body["refund"]["tender"])

    def _file(self, shelf: dict[str, Document], seq: int, body: dict[str, Any], tender: dict[str, Any]) -> None:
        last = len(self.orders) + len(self.refunds)
        demand(
            body["receipt_number"] == f"{self.series}-{last + 1:06d}",
            "receipt numbers have no gap and no repeat",
            number=body["receipt_number"],
            expected=last + 1,
        )
        demand(body["id"] not in self.orders and body["id"] not in self.refunds, "an order is made once", id=body["id"])
        total, payment = body["total_minor"], tender.get("payment_id")
        shelf[body["id"]] = Document(seq, body["receipt_number"], total, tender["amount_minor"], payment)
