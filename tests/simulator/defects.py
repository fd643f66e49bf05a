"""Defects to be planted: each takes one promise out of the product while a run lasts, and the simulator must notice.

Putting a mistake into the product means to put other code in the place of its own; nothing else here does that.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from cloud.database import Transaction as OfficeTransaction
from cloud.received import Node
from cloud.sync import feed, intake
from edge.baskets import moving
from edge.database import Database, Transaction
from edge.handover import service as handover
from edge.handover import storage
from edge.orders import storage as orders
from edge.sync import client
from shared.protocol import batch as batches
from shared.protocol import entry
from shared.protocol.batch import Acknowledged, Batch

COMMITTED_LATE_S = 0.5
UNPACKED = 10**9


def without_deduplication(tx: OfficeTransaction, node: Node, batch: Batch, now: datetime) -> tuple[Acknowledged, bool]:
    """Take whatever comes as something new."""
    batches.verify(batch, node.public_key, node.id)
    held = intake.held(tx, node)
    return _appended(tx, node, batch.entries, held, now), True


def without_chain(tx: OfficeTransaction, node: Node, batch: Batch, now: datetime) -> tuple[Acknowledged, bool]:
    """Take what is newer, without asking whether it continues what is held."""
    batches.verify(batch, node.public_key, node.id)
    held = intake.held(tx, node)
    if batch.first_seq > held.seq + 1:
        return held, False
    return _appended(tx, node, batch.entries[held.seq + 1 - batch.first_seq :], held, now), True


def _appended(
    tx: OfficeTransaction, node: Node, entries: tuple[str, ...], held: Acknowledged, now: datetime
) -> Acknowledged:
    seq, head = held.seq, bytes.fromhex(held.head)
    for written in entries:
        seq, head = seq + 1, entry.chained(head, written.encode())
        row = {"tenant_id": node.tenant_id, "node_id": node.id, "seq": seq, "entry": written}
        tx.execute(intake.journal.insert(), {**row, "hash": head.hex(), "received_at": now})
    if entries:
        intake._advance(tx, node, seq, head.hex())
    return Acknowledged(seq=seq, head=head.hex())


def confirmed_before_commit(self: Database) -> None:
    """Give results back first, and commit when there is time."""
    connection = self._connection
    while not self._queue.empty():
        work = self._queue.get()
        assert work is not None
        if not connection.in_transaction:
            connection.execute("begin immediate")
            asyncio.get_running_loop().call_later(COMMITTED_LATE_S, connection.execute, "commit")
        self._run_beside(work)
        work.settle()


def numbers_in_memory() -> Callable[[Transaction, str], str]:
    """Return a series that a transaction which comes to nothing does not take back."""
    last: dict[tuple[int, str], int] = {}

    def next_number(tx: Transaction, prefix: str) -> str:
        known = tx.value("select last from series where prefix = ?", (prefix,)) or 0
        number = last[id(tx), prefix] = max(known, last.get((id(tx), prefix), 0)) + 1
        tx.execute("insert or replace into series values (?, ?)", (prefix, number))
        return f"{prefix}-{number:06d}"

    return next_number


def given_and_kept(tx: Transaction, code: str, _node_id: str, _now: datetime, *, with_pack: bool) -> handover.Given:
    """Hand a basket over and keep it."""
    known, _ = storage.handover(tx, code), with_pack
    assert known is not None
    return handover.Given(moving.carried(tx, known.basket_id, known.shown).model_dump_json(), None)


DEFECTS: dict[str, Callable[[], tuple[Any, str, Any]]] = {  # where, under which name, what instead
    "no de-duplication at intake": lambda: (intake, "take_on", without_deduplication),
    "no chain at intake": lambda: (intake, "take_on", without_chain),
    "confirmed before the commit": lambda: (Database, "_write_queued", confirmed_before_commit),
    "no heads in the feed": lambda: (feed, "is_of_lost_past", lambda *_: False),
    "a receipt number outside its transaction": lambda: (orders, "next_number", numbers_in_memory()),
    "a basket that is given and kept": lambda: (handover, "give", given_and_kept),
}


@contextmanager
def planted(defect: str) -> Iterator[None]:
    """Let the product have a defect in here."""
    where, name, instead = DEFECTS[defect]()
    # Packed batches bring a sum of their own, which would find every flipped bit before anything of ours is asked.
    with patch.object(where, name, instead), patch.object(client, "COMPRESSED_FROM_BYTES", UNPACKED):
        yield
