"""The power is back: the real shop opens, people repeat what they asked for, the journal goes up, selling goes on."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from edge import app, journal
from edge.database import Transaction
from edge.fleet import service as fleet
from edge.fleet.service import NotEnrolled
from edge.shop import Shop
from edge.sync.client import HeadOfficeClient, HeadOfficeRefused
from edge.sync.push import push_all
from tests.edge.power import office
from tests.edge.power.day import Asked, Request, Sent, Told
from tests.edge.power.office import Entry, Office
from tests.edge.power.recording import Happening, Mark
from tests.edge.small_shop import NODE, Till, assortment, open_small_shop, open_till, publish


@dataclass(slots=True)
class Before:
    """What went on when the power went."""

    request: Request | None = None  # the last that somebody made
    answer: object = None  # theirs, if they got it
    sent: int = 0  # how far head office holds the journal

    def hear(self, what: Happening) -> None:
        match what:
            case Mark(Asked(request)):
                self.request, self.answer = request, None
            case Mark(Told(_, answer)):
                self.answer = answer
            case Mark(Sent(seq)):
                self.sent = seq


async def wrong_afterwards(
    folder: Path, catalogue: Path, before: Before, entries: Sequence[Entry], engine: Engine
) -> list[str]:
    """Go on with the sales in `folder` as if the power had come back. Returns what is wrong then, as sentences.

    catalogue: the shop's products; they come from head office. entries: the journal as it was written, to its end.
    """
    lay_beside(catalogue, folder)
    await enrol_again(folder)
    async with open_small_shop(folder) as shop, open_till(shop) as till:
        if not shop.catalogue.is_ready:
            await publish(shop.catalogue, *assortment())
        found = await _repeated(till, before)
        await shop.db.transact(till_is_free)
        _, basket = await till.scan("soap", **{"Idempotency-Key": "afterwards"})
        _, order = await till.pay(basket["id"])
        with office.opened(engine, shop.identity) as head_office:
            await head_office.receive(entries[: before.sent])
            return found + await _wrong_at_head_office(shop, head_office, order["id"])


def lay_beside(catalogue: Path, folder: Path) -> None:
    """Put the shop's products beside its sales, in the place of those before."""
    for old in folder.glob("catalogue.db*"):
        old.unlink()
    shutil.copy(catalogue, folder / "catalogue.db")


async def enrol_again(folder: Path) -> None:
    """A box that lost its power before it was enrolled is enrolled by whoever installs it."""
    async with app.open_database(folder) as db:
        try:
            await db.transact(fleet.who_am_i)
        except NotEnrolled:
            await db.transact(fleet.key_for_enrolment)
            await db.transact(fleet.enrol, NODE)


async def _repeated(till: Till, before: Before) -> list[str]:
    """Ask again what was asked last: the answer may have been lost with the power."""
    if before.request is None:
        return []
    _, first = await before.request.put(till)
    _, second = await before.request.put(till)
    found = []
    for name, one, other in (("told", before.answer, first), ("repeated", first, second)):
        if isinstance(one, dict) and isinstance(other, dict):
            found += [
                f"doubled: {name} {key} {one.get(key)} became {other.get(key)}"
                for key in ("id", "receipt_number", "job_id", "code")
                if one.get(key) != other.get(key)
            ]
    return found


def till_is_free(tx: Transaction) -> None:
    """Fails while a basket is still held for a payment that nobody waits for any more."""
    assert not tx.value("select count(*) from baskets where state = 'paying'")


async def _wrong_at_head_office(shop: Shop, head_office: Office, newest: str) -> list[str]:
    found = []
    try:
        for _ in range(2):  # the second has nothing new to say
            await push_all(shop, cast("HeadOfficeClient", head_office))
    except HeadOfficeRefused as error:
        found.append(f"refused: {error}")
    here = await shop.db.transact(documents)
    written = await shop.db.transact(journal_entries)
    there, kept, quarantined = head_office.books()
    assert newest in here
    if kept != Counter(written):
        found.append("doubled: head office's journal is not this one")
    if there != Counter(here):
        found.append("doubled: head office's orders and refunds are not these")
    if quarantined:
        found.append(f"doubled: {quarantined} entries in quarantine")
    if unsent := (await shop.db.transact(journal.backlog)).unsent:
        found.append(f"lost: {unsent} entries are not taken")
    return found


def documents(tx: Transaction) -> list[str]:
    return [key for (key,) in tx.rows("select id from orders union all select id from refunds")]


def journal_entries(tx: Transaction) -> list[str]:
    return [written.decode() for (written,) in tx.rows("select entry from journal order by seq")]
