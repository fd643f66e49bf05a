"""What must hold after every step, and what must hold once everything is mended."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.shop import Shop
from tests.simulator.books import Books, demand
from tests.simulator.machines import Box, Office


@dataclass
class OfficeBooks:
    """What was seen of head office's data so far; begun anew when an older copy takes their place."""

    arrival: int = 0
    seqs: dict[str, int] = field(default_factory=dict)


def check_box(shop: Shop, books: Books) -> None:
    """Check one node's data on its disk."""
    tx = shop.db._connection
    books.read(tx)
    written = len(books.orders), len(books.refunds)
    kept = tx.row("select (select count(*) from orders), (select count(*) from refunds)")
    demand(written == kept, "what is sold stands in the journal", node=books.series, written=written, kept=kept)
    last = tx.value("select last from series where prefix = ?", (books.series,)) or 0
    demand(last == sum(kept), "no receipt number is lost", node=books.series, last=last)


@dataclass(frozen=True)
class Held:
    """How far head office holds a journal, or a branch of one from its first entry on."""

    node_id: str
    author_id: str | None
    first_seq: int | None
    seq: int
    head: str


def held_by(data: sqlite3.Connection) -> list[Held]:
    return [Held(*row) for row in data.execute("select node_id, author_id, first_seq, seq, head from journal_heads")]


def with_branches(data: sqlite3.Connection, books: Mapping[str, Books], later: Mapping[str, Books]) -> dict[str, Books]:
    """Return what was written under each node at head office. later: by boxes that were set back, from then on."""
    branches = {one.node_id: one.author_id for one in held_by(data) if one.author_id}
    parted = set(branches.values())
    demand(parted <= later.keys(), "head office holds branches only of boxes that were set back", parted=parted)
    return {**books, **{branch_id: later[author_id] for branch_id, author_id in branches.items()}}


def check_office(office: Office, seen: OfficeBooks, first: Mapping[str, Books], later: Mapping[str, Books]) -> None:
    """Check what head office holds against what the nodes wrote. later: those that were set back, from then on."""
    with closing(_office_data(office)) as data:
        books = with_branches(data, first, later)
        for held in held_by(data):
            _check_journal(data, books[held.node_id], seen, held)
        query = "select arrival, id, node_id, receipt_number, total_minor from orders where arrival > ? order by 1"
        for arrival, order_id, node_id, number, total_minor in data.execute(query, (seen.arrival,)):
            order = books[node_id].orders.get(order_id)
            demand(order is not None, "head office has only orders that a node made", order=order_id, node=node_id)
            assert order is not None
            demand((order.number, order.total_minor) == (number, total_minor), "an order is the same everywhere")
            seen.arrival = arrival
        paid = {order.payment_id for one in books.values() for order in one.orders.values() if order.payment_id}
        for (payment_id,) in data.execute("select id from payments where state = 'voided'"):
            demand(payment_id not in paid, "what an order was paid with is not taken back", payment=payment_id)


def _check_journal(data: sqlite3.Connection, books: Books, seen: OfficeBooks, held: Held) -> None:
    """Check a node's journal at head office, as far as it grew."""
    known, last, seq = books.hashes, seen.seqs.get(held.node_id, (held.first_seq or 1) - 1), held.seq
    demand(last <= seq <= len(known), "head office holds no more than was written", node=books.series, seq=seq)
    demand(known[seq - 1].hex() == held.head, "head office holds the chain's head", node=books.series, seq=seq)
    query = "select seq, hash from journal where node_id = ? and seq > ? order by seq"
    found = data.execute(query, (held.node_id, last)).fetchall()
    written = [(number, known[number - 1].hex()) for number in range(last + 1, seq + 1)]
    demand(found == written, "head office holds what the node wrote", node=books.series, seq=seq)
    seen.seqs[held.node_id] = seq


def backlog(office: Office, boxes: Iterable[Box]) -> str:
    """Return what is still under way; nothing once all is delivered and interpreted."""
    for box in boxes:
        if box.shop is None:
            return f"{box.name} does not run"
        tx = box.shop.db._connection
        if tx.value("select count(*) from journal where seq > (select seq from acknowledged)"):
            return f"{box.name} has something to send"
        if not box.shop.line.online:
            return f"{box.name} is not online"
        if tx.value("select count(*) from outbox"):
            return f"{box.name} has something for the kitchen"
        if tx.value("select count(*) from payments where state in ('asked', 'to_void')"):
            return f"{box.name} has a payment that nobody owns"
    with closing(_office_data(office)) as data:
        if data.execute("select 1 from journal_heads where projected_seq < seq").fetchone():
            return "head office has something to interpret"
    return catalogues_apart(office, boxes)


def catalogues_apart(office: Office, boxes: Iterable[Box]) -> str:
    """Return which box sells otherwise than head office published."""
    with closing(_office_data(office)) as data:
        query = "select kind, key, json(body) from feed_rows where store_id = '' and body is not null"
        published = {(kind, key): json.loads(body) for kind, key, body in data.execute(query)}
    prices = {key: body["price_minor"] for (kind, key), body in published.items() if kind == "price"}
    offers = {key for kind, key in published if kind == "promotion"}
    for box in boxes:
        if box.shop is None:
            continue
        here = dict(box.shop.catalogue._connection.execute("select sku, price_minor from prices"))
        if here != prices:
            return f"{box.name} has other prices: {here} instead of {prices}"
        names = {promotion.name for promotion in box.shop.catalogue.pack.promotions}
        published_names = {published["promotion", key]["name"] for key in offers}
        if names != published_names:
            return f"{box.name} has other promotions: {names} instead of {published_names}"
    return ""


def check_end(
    office: Office, boxes: Iterable[Box], books: Mapping[str, Books], later: Mapping[str, Books], forgotten: set[str]
) -> None:
    """Check that everything arrived once.

    later: what boxes wrote that were set back, from then on. forgotten: payments of which head office lost something
    when an older copy of its data was put in place: its test gateway keeps money in the same data, which a bank would
    not.
    """
    made_at = Counter(key for one in books.values() if not one.is_set_back for key in one.orders)
    demand(not made_at or max(made_at.values()) == 1, "a basket becomes an order at one box only", orders=made_at)
    with closing(_office_data(office)) as data:
        held = dict(data.execute("select node_id, seq from journal_heads").fetchall())
        arrived: list[dict[str, dict[str, Any]]] = [{node_id: {} for node_id in books} for _ in range(2)]
        for shelf, table in zip(arrived, ("orders", "refunds"), strict=True):
            for node_id, document_id, total in data.execute(f"select node_id, id, total_minor from {table}"):
                shelf.setdefault(node_id, {})[document_id] = total
        for node_id, one in books.items():
            for name, there, here in (
                ("orders", arrived[0][node_id], one.orders),
                ("refunds", arrived[1][node_id], one.refunds),
            ):
                expected = {key: made.total_minor for key, made in here.items() if made.seq <= held.get(node_id, 0)}
                demand(there == expected, f"all {name} arrive", node=one.series, expected=expected, there=there)
            demand(one.is_set_back or held[node_id] == len(one.hashes), "all entries arrive", node=one.series)
        poison = {(one.node_id, seq) for one in books.values() for seq in one.poison if seq <= held[one.node_id]}
        branches = [one for one in held_by(data) if one.author_id]
        quarantine = {
            (node_id, seq): reason
            for node_id, seq, reason in data.execute("select node_id, seq, reason from quarantine")
            if node_id not in {branch.node_id for branch in branches}
        }
        demand(poison == set(quarantine), "only the poison is set aside", quarantine=quarantine, poison=poison)
        for branch in branches:
            _check_branch(data, branch, later[branch.author_id or ""], books[branch.author_id or ""])
        demand({one.author_id for one in branches} == set(later), "whoever was set back is noticed", branches=branches)
        _check_money(data, books, forgotten)
    for box in boxes:
        made = box.books
        if not box.is_set_back:
            demand(made.orders.keys() <= box.broker.had.keys(), "the kitchen hears of every order", node=made.series)
            demand(box.broker.had.keys() <= made.orders.keys(), "the kitchen hears of orders only", node=made.series)


def _check_branch(data: sqlite3.Connection, branch: Held, later: Books, first: Books) -> None:
    """Check that what a box wrote after it was set back is there or set aside, and why."""
    assert branch.first_seq is not None
    demand(branch.seq == len(later.hashes), "all entries of a branch arrive", node=later.series)
    aside = {row[0] for row in data.execute("select seq from quarantine where node_id = ?", (branch.node_id,))}
    there = {
        row[0]: row[1]
        for table in ("orders", "refunds")
        for row in data.execute(f"select id, total_minor from {table} where node_id = ?", (branch.node_id,))
    }
    documents = {key: made for key, made in (later.orders | later.refunds).items() if made.seq >= branch.first_seq}
    for key, made in documents.items():
        is_there, is_aside = there.pop(key, None) == made.total_minor, made.seq in aside
        demand(is_there != is_aside, "what was sold is there or set aside", document=key, node=later.series)
        may_be_aside = key in first.orders or key in first.refunds  # paid, or taken back, in both lives
        demand(is_there or may_be_aside, "only what came twice is set aside", document=key, node=later.series)
    demand(not there, "a branch holds only what was written", there=there)
    others = aside - {made.seq for made in documents.values()}
    poison = {seq for seq in later.poison if seq >= branch.first_seq}
    demand(others == poison, "only the poison of a branch is set aside", aside=others, poison=poison)


def branch_totals(office: Office) -> tuple[list[int], list[int]]:
    """Return the orders' and the refunds' totals that branches came to."""
    branches = "select node_id from journal_heads where author_id is not null"
    with closing(_office_data(office)) as data:
        orders, refunds = (
            [row[0] for row in data.execute(f"select total_minor from {name} where node_id in ({branches})")]
            for name in ("orders", "refunds")
        )
    return orders, refunds


def _check_money(data: sqlite3.Connection, books: Mapping[str, Books], forgotten: set[str]) -> None:
    bought = {
        order.payment_id: order.due_minor for one in books.values() for order in one.orders.values() if order.payment_id
    }
    charged = dict(data.execute("select id, amount_minor from payments where state = 'approved'").fetchall())
    lost = {one.node_id for one in books.values() if one.is_set_back}
    of_lost = {row[0] for row in data.execute("select id, node_id from payments").fetchall() if row[1] in lost}
    of_lost |= forgotten
    demand(
        {key: value for key, value in charged.items() if key not in of_lost}
        == {key: value for key, value in bought.items() if key not in of_lost},
        "cards are charged once for each order and for nothing else",
        charged=charged,
        bought=bought,
    )


def payments(office: Office) -> dict[str, str]:
    """Return how each payment ended that head office knows."""
    with closing(_office_data(office, is_running=False)) as data:
        return dict(data.execute("select id, state from payments").fetchall())


def _office_data(office: Office, *, is_running: bool = True) -> sqlite3.Connection:
    path: Path = office.disk / "head-office.db"
    if not is_running:
        return sqlite3.connect(path)
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
