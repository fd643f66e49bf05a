"""Baskets and their lines. A scan changes one line and the basket's version, however long the basket is."""

from datetime import datetime
from typing import Literal

from edge.database import Transaction
from shared.model.basket import BasketLine

MIGRATIONS = (
    """
    create table baskets (
        id text primary key,
        lane text not null,
        state text not null check (state in ('open', 'paying', 'completed', 'abandoned')),
        version integer not null,
        currency text not null,
        opened_at text not null
    ) strict, without rowid;
    create unique index unfinished_basket_of_lane on baskets (lane) where state in ('open', 'paying');
    create table basket_lines (
        basket_id text not null references baskets (id),
        number integer not null,
        sku text not null,
        quantity integer not null check (quantity >= 0),
        line text not null,
        primary key (basket_id, number)
    ) strict, without rowid;
    """,
    """
    alter table baskets add column pack_version text;  -- the promotions it was begun with
    create table kept_packs (version text primary key, promotions text not null) strict, without rowid;
    """,
    # JSON; null in nearly every basket, so that a scan reads nothing more.
    "alter table baskets add column specials text;",
    # A basket that left its lane: parked here under a code, or moved to another box. Its lane can begin the next one.
    """
    alter table baskets add column aside text check (aside in ('parked', 'moved'));
    drop index unfinished_basket_of_lane;
    create unique index unfinished_basket_of_lane on baskets (lane) where state in ('open', 'paying') and aside is null;
    """,
)

Aside = Literal["parked", "moved"]
State = Literal["open", "paying", "completed", "abandoned"] | Aside
Head = tuple[str, str, State, int, str, str, str | None, str | None]
HEAD = "select id, lane, coalesce(aside, state), version, currency, opened_at, pack_version, specials from baskets"
IN_ITS_LANE = "state in ('open', 'paying') and aside is null"


def open_basket(tx: Transaction, basket_id: str, lane: str, currency: str, now: datetime, pack_version: str) -> None:
    row = (basket_id, lane, currency, now.isoformat(), pack_version)
    tx.execute("insert into baskets values (?, ?, 'open', 0, ?, ?, ?, null, null)", row)


def keep_pack(tx: Transaction, version: str, promotions: str) -> None:
    """Keep a pack while baskets that were begun with it are unfinished; drop those that none needs any more."""
    tx.execute("insert or ignore into kept_packs values (?, ?)", (version, promotions))
    tx.execute(
        """
        delete from kept_packs where version <> ? and version not in (
            select pack_version from baskets
            where state in ('open', 'paying') and aside is not 'moved' and pack_version is not null
        )
        """,
        (version,),
    )


def has_pack(tx: Transaction, version: str) -> bool:
    return bool(tx.value("select 1 from kept_packs where version = ?", (version,)))


def packs(tx: Transaction) -> list[tuple[str, str]]:
    """Return (version, promotions as JSON) of the packs that are kept."""
    found: list[tuple[str, str]] = tx.rows("select version, promotions from kept_packs")
    return found


def head(tx: Transaction, basket_id: str) -> Head | None:
    found: Head | None = tx.row(f"{HEAD} where id = ?", (basket_id,))
    return found


def unfinished(tx: Transaction, lane: str) -> Head | None:
    """Return the basket that the lane is filling or paying."""
    found: Head | None = tx.row(f"{HEAD} where lane = ? and {IN_ITS_LANE}", (lane,))
    return found


def newest(tx: Transaction, lane: str) -> Head | None:
    """Return the basket that the lane opened last."""
    found: Head | None = tx.row(f"{HEAD} where lane = ? order by id desc limit 1", (lane,))
    return found


def count_lines(tx: Transaction, basket_id: str) -> int:
    found: int = tx.value("select count(*) from basket_lines where basket_id = ? and quantity > 0", (basket_id,))
    return found


def lines(tx: Transaction, basket_id: str) -> list[BasketLine]:
    """Return the lines that are still in the basket; a line taken out keeps its number with quantity 0."""
    query = "select line, quantity from basket_lines where basket_id = ? and quantity > 0 order by number"
    found = [(BasketLine.model_validate_json(line), quantity) for line, quantity in tx.rows(query, (basket_id,))]
    return [
        line if line.quantity == quantity else line.model_copy(update={"quantity": quantity})
        for line, quantity in found
    ]


def line_of(tx: Transaction, basket_id: str, sku: str) -> tuple[int, int] | None:
    """Return (number, quantity) of a product that is in the basket."""
    query = "select number, quantity from basket_lines where basket_id = ? and sku = ? and quantity > 0"
    found: tuple[int, int] | None = tx.row(query, (basket_id, sku))
    return found


def quantity_of(tx: Transaction, basket_id: str, number: int) -> int | None:
    query = "select quantity from basket_lines where basket_id = ? and number = ?"
    found: int | None = tx.value(query, (basket_id, number))
    return found


def add_line(tx: Transaction, basket_id: str, line: BasketLine) -> None:
    row = (basket_id, line.number, line.sku, line.quantity, line.model_dump_json())
    tx.execute("insert into basket_lines values (?, ?, ?, ?, ?)", row)


def next_number(tx: Transaction, basket_id: str) -> int:
    query = "select coalesce(max(number), 0) + 1 from basket_lines where basket_id = ?"
    found: int = tx.value(query, (basket_id,))
    return found


def set_quantity(tx: Transaction, basket_id: str, number: int, quantity: int) -> None:
    query = "update basket_lines set quantity = ? where basket_id = ? and number = ?"
    tx.execute(query, (quantity, basket_id, number))


def set_specials(tx: Transaction, basket_id: str, specials: str | None) -> None:
    tx.execute("update baskets set specials = ?, version = version + 1 where id = ?", (specials, basket_id))


def touch(tx: Transaction, basket_id: str) -> None:
    tx.execute("update baskets set version = version + 1 where id = ?", (basket_id,))


def complete(tx: Transaction, basket_id: str) -> bool:
    """Close an unfinished basket; tells whether it was one."""
    query = "update baskets set state = 'completed', version = version + 1"
    tx.execute(f"{query} where id = ? and {IN_ITS_LANE}", (basket_id,))
    return bool(tx.changes())


def set_state(tx: Transaction, basket_id: str, state: State) -> None:
    tx.execute("update baskets set state = ?, version = version + 1 where id = ?", (state, basket_id))


def set_aside(tx: Transaction, basket_id: str, aside: Aside) -> None:
    """Take an open basket out of its lane, as it is."""
    tx.execute("update baskets set aside = ?, version = version + 1 where id = ?", (aside, basket_id))


def put_back(tx: Transaction, basket_id: str, lane: str, state: State) -> None:
    """Put a basket that stood aside into a lane, or end it."""
    query = "update baskets set lane = ?, state = ?, aside = null, version = version + 1 where id = ?"
    tx.execute(query, (lane, state, basket_id))


def take_in(tx: Transaction, head: Head) -> None:
    """Open a basket that comes from another box; one that was here before and moved away comes back."""
    tx.execute("delete from basket_lines where basket_id = ?", (head[0],))
    tx.execute("insert or replace into baskets values (?, ?, ?, ?, ?, ?, ?, ?, null)", head)
