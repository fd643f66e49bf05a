"""`catalogue.db`: reading on the event loop (a look-up takes microseconds), changing on a thread."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection

from pydantic import ValidationError

from edge.catalogue.freshness import Freshness
from edge.catalogue.models import CatalogueNotKept, DamagedCatalogue
from shared.errors import Misconfigured
from shared.model.product import Offer, Product
from shared.model.store import Store
from shared.protocol.catalogue_file import SCHEMA, apply, knowledge
from shared.protocol.feed import FeedRow

# A catalogue is tables and indexes; whatever runs by itself has no business in it.
UNWANTED = "select 1 from sqlite_schema where type in ('trigger', 'view') or sql like 'create virtual%'"
SPECIALS_TABLE = """
create table specials (kind text not null, key text not null, body text not null, primary key (kind, key)) strict,
without rowid
"""
# Who wrote a file without this could not note what it passed over; it is taken to have done so.
WITHOUT_NOTE = "create table passed_over (knowledge text not null) strict; insert into passed_over values ('')"
# What came later than the first files, by the table and the column that tell whether it is there.
LATER = {
    ("prices", "floor_price_minor"): "alter table prices add column floor_price_minor integer not null default 0",
    ("specials", "kind"): SPECIALS_TABLE,
    ("promotions_to_come", "id"): "create table promotions_to_come (id text primary key, body text) strict",
    ("freshness", "at"): "create table freshness (at text not null, skew_s real not null) strict",
    ("feed", "head"): "alter table feed add column head text",
    ("passed_over", "knowledge"): WITHOUT_NOTE,
}
OFFER = "select p.body, r.price_minor, r.floor_price_minor from products p left join prices r using (sku)"


def connect(path: Path) -> Connection:
    """Open the file, made empty if there is none or it was never finished.

    Raises DamagedCatalogue, Misconfigured; CatalogueNotKept where the disk refuses, and the file may be good.
    """
    connection = Connection(path, check_same_thread=False, isolation_level=None)
    try:
        _prepare(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        if error.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise Misconfigured(problem=f"{path} is in use by another program") from error
        if _is_the_disks(error):
            raise CatalogueNotKept(problem=str(error)) from error
        raise DamagedCatalogue(problem=str(error)) from error
    return connection


def connect_to_read(path: Path) -> Connection:
    """Open a whole file to which nobody writes; on a full disk, too, as it needs nothing beside it."""
    return Connection(f"{path.resolve().as_uri()}?immutable=1", uri=True, check_same_thread=False, isolation_level=None)


def _is_the_disks(error: sqlite3.DatabaseError) -> bool:
    """Tell trouble with the disk from damage: a catalogue is not thrown away because the disk is full."""
    if error.sqlite_errorcode in {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}:
        return False  # what stands in the file is gone
    primary = error.sqlite_errorcode & 0xFF
    return primary in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def _prepare(connection: Connection) -> None:
    # Head office can always send it again, so a power cut may cost the newest rows but never the file.
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    connection.create_function("folded", 1, str.casefold, deterministic=True)
    if not connection.execute("select 1 from sqlite_schema where name = 'feed'").fetchone():
        connection.executescript(f"begin immediate; {SCHEMA} commit;")
    connection.execute("select cursor from feed").fetchone()
    _complete(connection)


def _complete(connection: Connection) -> None:
    """Make a file of an older version whole, in one transaction: it may be all that a box without a line has.

    None of these could note what they passed over, so what the new columns and tables should hold is sent again.
    """
    missing = [
        statement
        for (table, column), statement in LATER.items()
        if not connection.execute("select 1 from pragma_table_info(?) where name = ?", (table, column)).fetchone()
    ]
    if missing:
        connection.executescript(f"begin immediate; {'; '.join(missing)}; commit;")


@contextmanager
def reading() -> Iterator[None]:
    """What cannot be read is told as our own error. Raises DamagedCatalogue."""
    try:
        yield
    except (sqlite3.DatabaseError, ValidationError) as error:
        raise DamagedCatalogue(problem=str(error)) from error


def discard(path: Path) -> None:
    """Remove a catalogue and what SQLite keeps beside it. Raises CatalogueNotKept where the disk refuses."""
    try:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise CatalogueNotKept(problem=str(error)) from error


def prepare(fresh: Path, freshness: Freshness | None) -> None:
    """Check a file that shall take the catalogue's place, and note how fresh it is.

    Raises DamagedCatalogue, CatalogueNotKept.
    """
    with closing(connect(fresh)) as connection, reading():
        if connection.execute("pragma quick_check").fetchone() != ("ok",):
            raise DamagedCatalogue(problem="its pages do not fit together")
        if connection.execute(UNWANTED).fetchone():
            raise DamagedCatalogue(problem="it holds more than data")
        store(connection)
        try:
            connection.execute("delete from passed_over")  # head office knows all that it sends
            if freshness is not None:
                note_freshness(connection, freshness)
            connection.execute("pragma wal_checkpoint(truncate)")
        except sqlite3.OperationalError as error:
            raise CatalogueNotKept(problem=str(error)) from error


def replace(path: Path, fresh: Path) -> None:
    """Put a prepared file in the catalogue's place, with nobody reading it. After a power cut either one is there."""
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    fresh.rename(path)


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    connection.execute("begin immediate")
    try:
        yield connection
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def apply_page(
    connection: Connection,
    rows: Sequence[FeedRow],
    cursor: int,
    head: str | None,
    freshness: Freshness | None,
    *,
    more: bool,
) -> set[str]:
    """Apply a page of the feed in one transaction. Returns the kinds that changed.

    Raises CatalogueNotKept when the disk takes nothing.
    """
    with writing(), transaction(connection) as tx:
        if freshness is not None:
            note_freshness(tx, freshness)
        return apply(tx, rows, cursor, head, more=more)


def lacks_rows(tx: Connection) -> bool:
    """Tell whether a version that knew something else than this one passed over rows of the feed."""
    row = tx.execute("select knowledge from passed_over").fetchone()
    return row is not None and row[0] != knowledge()


def begin_anew(path: Path) -> None:
    """Let the feed send everything once more, on a connection of its own, for a thread. Raises CatalogueNotKept."""
    with closing(connect(path)) as connection, writing(), transaction(connection) as tx:
        tx.execute("update feed set cursor = 0, head = null")
        tx.execute("delete from passed_over")


@contextmanager
def writing() -> Iterator[None]:
    """What cannot be written is told as our own error. Raises CatalogueNotKept, DamagedCatalogue."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise CatalogueNotKept(problem=str(error)) from error
    except sqlite3.DatabaseError as error:
        raise DamagedCatalogue(problem=str(error)) from error


def note_freshness(tx: Connection, freshness: Freshness) -> None:
    tx.execute("delete from freshness")
    # Older versions added up their clock and `skew_s`; the store's clock is set right now, and nobody asks for it.
    tx.execute("insert into freshness values (?, 0)", (freshness.as_of.isoformat(),))


def keep_freshness(path: Path, freshness: Freshness) -> None:
    """Note how fresh the catalogue is, on a connection of its own, for a thread. Raises CatalogueNotKept."""
    with closing(connect(path)) as connection, writing(), transaction(connection) as tx:
        note_freshness(tx, freshness)


def freshness(tx: Connection) -> Freshness | None:
    """Return how fresh the catalogue is; None when head office never said that it is the newest."""
    row = tx.execute("select at from freshness").fetchone()
    try:
        return Freshness(datetime.fromisoformat(row[0])) if row else None
    except ValueError as error:
        raise DamagedCatalogue(problem=str(error)) from error


def offers_by_code(tx: Connection, code: str) -> list[Offer]:
    """Return every product with this code: more than one means that nobody may guess."""
    rows = tx.execute(f"{OFFER} join barcodes b on b.sku = p.sku where b.code = ? order by p.sku", (code,))
    return [_offer(row) for row in rows]


def offer(tx: Connection, sku: str) -> Offer | None:
    row = tx.execute(f"{OFFER} where p.sku = ?", (sku,)).fetchone()
    return _offer(row) if row else None


def search(tx: Connection, words: Iterable[str], after: tuple[str, str], limit: int) -> list[Offer]:
    """Return products whose name or sku holds all words, by name, from behind (name, sku) `after`."""
    conditions = ["(p.name, p.sku) > (?, ?)"]
    values: list[object] = [*after]
    for word in words:
        conditions.append("(instr(folded(p.name), ?) or instr(folded(p.sku), ?))")
        values += [word.casefold()] * 2
    query = f"{OFFER} where {' and '.join(conditions)} order by p.name, p.sku limit ?"
    return [_offer(row) for row in tx.execute(query, (*values, limit))]


def search_in(path: Path, words: Sequence[str], after: tuple[str, str], limit: int) -> list[Offer]:
    """Search on a connection of its own, for a thread."""
    with closing(connect(path)) as connection, reading():
        return search(connection, words, after, limit)


def _offer(row: tuple[str, int | None, int | None]) -> Offer:
    return Offer.model_construct(
        product=Product.model_validate_json(row[0]), price_minor=row[1], floor_price_minor=row[2] or 0
    )


def store(tx: Connection) -> Store | None:
    row = tx.execute("select body from settings where key = 'store'").fetchone()
    return Store.model_validate_json(row[0]) if row else None


def promotions(tx: Connection) -> dict[str, str]:
    """Return bodies by id."""
    return dict(tx.execute("select id, body from promotions order by id"))


def specials(tx: Connection, kind: str) -> dict[str, str]:
    """Return bodies by key."""
    return dict(tx.execute("select key, body from specials where kind = ? order by key", (kind,)))


def cursor(tx: Connection) -> int:
    found: int = tx.execute("select cursor from feed").fetchone()[0]
    return found


def head(tx: Connection) -> str | None:
    """Return the hash of the feed's chain at the cursor; None when head office did not tell it."""
    found: str | None = tx.execute("select head from feed").fetchone()[0]
    return found
