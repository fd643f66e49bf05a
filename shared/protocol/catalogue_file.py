"""The catalogue as a SQLite file: what a node sells from, and what head office ships as a snapshot.

Both sides write it with the functions here, so a snapshot and a long row of deltas end in the same tables.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable
from importlib.metadata import version

import structlog
from pydantic import BaseModel, ValidationError

from shared.model.product import Price, Product
from shared.model.quota import Lease
from shared.model.special import Campaign, DonationCampaign, Lottery, LotteryBlock
from shared.model.store import Store
from shared.protocol.feed import FeedRow, text_of
from shared.protocol.neighbours import Neighbour

log = structlog.get_logger()

Writer = Callable[[sqlite3.Connection, str, str | None], None]  # connection, key, JSON; None: it is gone

# Without rowids a key is kept once instead of twice: a third less to send.
TABLES = """
create table products (sku text primary key, name text not null, body text not null) strict, without rowid;
create table barcodes (code text not null, sku text not null, primary key (code, sku)) strict, without rowid;
create table prices (
    sku text primary key, price_minor integer not null, floor_price_minor integer not null default 0
) strict, without rowid;
create table promotions (id text primary key, body text not null) strict;
create table promotions_to_come (id text primary key, body text) strict;
create table settings (key text primary key, body text not null) strict;
create table specials (kind text not null, key text not null, body text not null, primary key (kind, key)) strict;
create table feed (cursor integer not null, head text) strict;
create table freshness (at text not null, skew_s real not null) strict;
create table passed_over (knowledge text not null) strict;
insert into feed (cursor) values (0);
"""
INDEXES = """
create index barcodes_by_sku on barcodes (sku);
create index products_by_name on products (name, sku);
"""
SCHEMA = f"{TABLES}{INDEXES}"

# One row and a million go through the same expressions, so they cannot end differently: {key}, {body} are filled in.
PRODUCT = "{key}, {body} ->> '$.name', {body}"
BARCODES = "code.value, {key}"
PRICE = "{key}, {body} ->> '$.price_minor', coalesce({body} ->> '$.floor_price_minor', 0)"


def apply(
    tx: sqlite3.Connection, rows: Iterable[FeedRow], cursor: int, head: str | None = None, *, more: bool = False
) -> set[str]:
    """Apply feed rows and the cursor; the caller's transaction makes them one. Returns the kinds that changed.

    head: of the feed's chain at the cursor, where head office told it.
    more: another page follows. A pack may be spread over several, and a part of one is none: promotions wait beside
    those that hold, also through a restart, until the last page has come.
    What this version does not know or cannot read is passed over: a node keeps selling beside a newer head office,
    with what it had of that thing before. That it happened is noted with what this version knows, so that one which
    knows something else can ask for everything again.
    """
    changed, has_passed_over = set(), False
    for row in rows:
        text = None if row.gone or row.body is None else text_of(row.body)
        if row.kind in WRITERS and (row.gone or _is_readable(row, text)):
            WRITERS[row.kind](tx, row.key, text)
            changed.add(row.kind)
        else:
            has_passed_over = True
    tx.execute("update feed set cursor = ?, head = ?", (cursor, head))
    if has_passed_over:
        tx.execute("delete from passed_over")
        tx.execute("insert into passed_over values (?)", (knowledge(),))
    changed.discard("promotion")
    if not more and _switch_promotions(tx):
        changed.add("promotion")
    return changed


def knowledge() -> str:
    """Return a short name of what this version can read: another version that reads the same has another, too."""
    shapes = {f"{kind} {key}": model.model_json_schema() for (kind, key), model in MODELS.items()}
    known = json.dumps([version("shopwright"), sorted(WRITERS), shapes], sort_keys=True)
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def _switch_promotions(tx: sqlite3.Connection) -> bool:
    """Let the promotions that wait take the place of those that hold; tells whether there were any."""
    if not tx.execute("select 1 from promotions_to_come limit 1").fetchone():
        return False
    tx.execute("delete from promotions where id in (select id from promotions_to_come where body is null)")
    tx.execute("insert or replace into promotions select id, body from promotions_to_come where body is not null")
    tx.execute("delete from promotions_to_come")
    return True


def _is_readable(row: FeedRow, text: str | None) -> bool:
    model = MODELS.get((row.kind, row.key)) or MODELS.get((row.kind, ""))
    if model is None or text is None:
        return text is not None
    try:
        model.model_validate_json(text)
    except ValidationError as error:
        log.warning("feed_row_passed_over", kind=row.kind, key=row.key, problem=str(error.errors(include_url=False)[0]))
        return False
    return True


MODELS: dict[tuple[str, str], type[BaseModel]] = {
    ("product", ""): Product,
    ("price", ""): Price,
    ("setting", "store"): Store,
    ("coupon", ""): Campaign,
    ("lease", ""): Lease,
    ("donation", ""): DonationCampaign,
    ("lottery", ""): Lottery,
    ("lottery_block", ""): LotteryBlock,
    ("node", ""): Neighbour,
}


WRITE_PRODUCT = f"insert or replace into products select {PRODUCT.format(key='?1', body='?2')}"
WRITE_BARCODES = (
    f"insert or ignore into barcodes select {BARCODES.format(key='?1')} from json_each(?2, '$.barcodes') code"  # noqa: S608
)
WRITE_PRICE = f"insert or replace into prices select {PRICE.format(key='?1', body='?2')}"


def _product(tx: sqlite3.Connection, sku: str, text: str | None) -> None:
    tx.execute("delete from barcodes where sku = ?", (sku,))
    if text is None:
        tx.execute("delete from products where sku = ?", (sku,))
        return
    tx.execute(WRITE_PRODUCT, (sku, text))
    tx.execute(WRITE_BARCODES, (sku, text))


def _price(tx: sqlite3.Connection, sku: str, text: str | None) -> None:
    if text is None:
        tx.execute("delete from prices where sku = ?", (sku,))
    else:
        tx.execute(WRITE_PRICE, (sku, text))


def _promotion(tx: sqlite3.Connection, key: str, text: str | None) -> None:
    tx.execute("insert or replace into promotions_to_come values (?, ?)", (key, text))


def _setting(tx: sqlite3.Connection, key: str, text: str | None) -> None:
    if text is None:
        tx.execute("delete from settings where key = ?", (key,))
    else:
        tx.execute("insert or replace into settings values (?, ?)", (key, text))


def _special(kind: str) -> Writer:
    """Return the writer of a kind of things that stand beside promotions."""

    def write(tx: sqlite3.Connection, key: str, text: str | None) -> None:
        if text is None:
            tx.execute("delete from specials where kind = ? and key = ?", (kind, key))
        else:
            tx.execute("insert or replace into specials values (?, ?, ?)", (kind, key, text))

    return write


SPECIALS = ("coupon", "lease", "donation", "lottery", "lottery_block", "node")
WRITERS: dict[str, Writer] = {
    "product": _product,
    "price": _price,
    "promotion": _promotion,
    "setting": _setting,
    **{kind: _special(kind) for kind in SPECIALS},
}
