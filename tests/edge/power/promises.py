"""What must hold on any disk after any cut: nothing lost, nothing doubled, nothing half done, nothing damaged."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import apsw

from edge import journal
from edge.app import MIGRATIONS
from edge.database import Transaction
from edge.journal import DamagedJournal
from shared.protocol.enrolment import Enrolled
from tests.edge.power.cuts import Picture
from tests.edge.power.day import Held, Migrations, Parked, Printing, Sold, Told, older
from tests.edge.power.recording import REAL, Happening, Mark
from tests.edge.small_shop import NODE, NODE_ID


@dataclass(slots=True)
class Promised:
    """What people had been told when the power went."""

    sold: dict[str, str] = field(default_factory=dict)  # receipt numbers by order or refund
    refused: set[str] = field(default_factory=set)  # baskets that were not sold, whatever they become later
    keys: set[str] = field(default_factory=set)  # of requests that were answered
    parked: dict[str, str] = field(default_factory=dict)  # baskets by code
    printing: int = 0  # the last job that the printer was given
    held: int = 0  # how far head office's word was taken
    enrolled: bool = False
    node_id: str = NODE_ID

    def hear(self, what: Happening) -> None:
        match what:
            case Mark(Sold(document_id, number)):
                self.sold[document_id] = number
            case Mark(Told(request)) if request.key:
                self.keys.add(request.key)
            case Mark(Parked(basket_id, code)):
                self.parked[code] = basket_id
            case Mark(Printing(job_id)):
                self.printing = job_id
            case Mark(Held(seq)):
                self.held = seq
            case Mark(Enrolled()):
                self.enrolled = True


def lay_down(picture: Picture, folder: Path) -> Path:
    """Put a picture onto the real disk, in the place of the one before; returns where the sales are."""
    for old in folder.glob("sales.db*"):
        old.unlink()
    for name, content in picture.items():
        (folder / name).write_bytes(content)
    return folder / "sales.db"


def broken(path: Path, promised: Promised) -> list[str]:
    """Return what does not hold in the sales at `path`, as sentences."""
    tx = Transaction(str(path), vfs=REAL)
    try:
        tx.execute("pragma locking_mode = exclusive")
        return list(_broken(tx, promised))
    except apsw.Error as error:
        return [f"damaged: {error}"]
    finally:
        tx.close()


def _broken(tx: Transaction, promised: Promised) -> Iterator[str]:
    if (found := tx.value("pragma integrity_check")) != "ok":
        yield f"damaged: {found}"
        return
    if tx.row("pragma foreign_key_check"):
        yield "damaged: a reference leads nowhere"
    if not tx.value("select count(*) from sqlite_schema"):  # the very first commit is not on the disk
        if promised.enrolled:
            yield "lost: everything"
        return
    if promised.enrolled and not tx.value("select count(*) from identity where enrolled is not null"):
        yield "lost: who the box is"
    versions = tx.rows("select feature, version from migrations order by feature")
    if versions == _versions(older(MIGRATIONS)) and not promised.sold:
        return
    if versions != _versions(MIGRATIONS):
        yield f"half: the tables are those of {versions}"
    yield from _broken_promises(tx, promised)
    yield from _half_orders(tx)
    yield from _half_parked(tx, promised)
    try:
        journal.verify(tx, promised.node_id)
    except DamagedJournal as error:
        yield f"damaged: {error}"


def _versions(migrations: Migrations) -> list[tuple[str, int]]:
    return sorted((feature, len(scripts)) for feature, scripts in migrations)


def _broken_promises(tx: Transaction, promised: Promised) -> Iterator[str]:
    documents = dict(tx.rows("select id, receipt_number from orders union all select id, receipt_number from refunds"))
    for document_id, number in promised.sold.items():
        if documents.get(document_id) != number:
            yield f"lost: {number}"
    for basket_id in promised.refused & documents.keys():
        yield f"both: basket {basket_id} was refused and is sold"
    keys = {key for (key,) in tx.rows("select key from requests")}
    if promised.keys - keys:
        yield f"lost: what was answered to {sorted(promised.keys - keys)}"
    if promised.printing:
        state = tx.value("select state from print_jobs where id = ?", (promised.printing,))
        if state not in {"sending", "printed", "unknown"}:
            yield f"lost: print job {promised.printing} is with the printer, and here {state or 'unknown'}"
    held = tx.value("select seq from acknowledged")
    if not promised.held <= held <= journal.head(tx, promised.node_id)[0]:
        yield f"lost: head office's word, {promised.held} became {held}"


def _half_parked(tx: Transaction, promised: Promised) -> Iterator[str]:
    """A basket waits under a code and stands aside, or neither."""
    codes = dict(tx.rows("select code, basket_id from handovers"))
    for code, basket_id in promised.parked.items():
        if codes.get(code) != basket_id:
            yield f"lost: the code {code}"
    waiting = {basket_id for (basket_id,) in tx.rows("select basket_id from handovers where state = 'waiting'")}
    if waiting != {basket_id for (basket_id,) in tx.rows("select id from baskets where aside = 'parked'")}:
        yield "half: the codes and the baskets that stand aside differ"


def _half_orders(tx: Transaction) -> Iterator[str]:
    """An order is its row, its number, its entry in the journal, its closed basket and its paper, or nothing at all."""
    orders = dict(tx.rows("select id, receipt_number from orders"))
    refunds = dict(tx.rows("select id, receipt_number from refunds"))
    entries = [_fact(written) for (written,) in tx.rows("select entry from journal order by seq")]
    for name, kind, rows in (("order.completed", "order", orders), ("order.refunded", "refund", refunds)):
        told = [fact[kind] for fact in entries if kind in fact]
        if Counter(one["id"] for one in told) != Counter(rows.keys()):
            yield f"half: {name} in the journal and the {kind}s differ"
        if {one["id"]: one["receipt_number"] for one in told} != rows:
            yield f"half: the {kind}s' numbers in the journal differ"
    numbers = sorted([*orders.values(), *refunds.values()])
    if numbers != [f"{NODE.series}-{number:06d}" for number in range(1, len(numbers) + 1)]:
        yield f"numbers: {numbers}"
    if (tx.value("select last from series") or 0) != len(numbers):
        yield "half: the series and its numbers differ"
    if {key for (key,) in tx.rows("select id from baskets where state = 'completed'")} != orders.keys():
        yield "half: the orders and the completed baskets differ"
    scans = tx.value("select count(*) from requests where meaning like 'add %'")
    units = tx.value("select coalesce(sum(quantity), 0) from basket_lines")
    if scans != units:
        yield f"doubled: {units} units in baskets for {scans} scans"
    yield from _half_tenders(tx, entries)


def _half_tenders(tx: Transaction, entries: list[dict[str, Any]]) -> Iterator[str]:
    papers: Counter[tuple[str, str]] = Counter(tx.rows("select kind, document_id from print_jobs where is_copy = 0"))
    due: Counter[tuple[str, str]] = Counter()
    cards = set()
    for document in (fact[kind] for fact in entries for kind in ("order", "refund") if kind in fact):
        due["receipt", document["id"]] += 1
        tender = document["tenders"][0] if "tenders" in document else document["tender"]
        if tender["kind"] == "cash":
            due["drawer", document["id"]] += 1
        else:
            cards.add(tender["payment_id"])
    if papers != due:
        yield "half: the orders and their print jobs differ"
    copies = tx.value("select count(*) from print_jobs where is_copy = 1 and kind = 'receipt'")
    wanted = tx.value("select count(*) from requests where meaning like 'copy %'")
    uncertain = tx.value("select count(*) from print_jobs where interrupted = 1 and kind = 'receipt'")
    if copies != wanted + uncertain:
        yield f"doubled: {copies} copies for {wanted} wishes and {uncertain} receipts of unknown outcome"
    if {key for (key,) in tx.rows("select id from payments where state = 'approved'")} != cards:
        yield "half: the approved card payments and the orders differ"


@lru_cache(maxsize=4096)
def _fact(written: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written)["body"]
    return found
