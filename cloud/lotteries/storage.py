"""Lotteries and every one of their codes."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Column, ColumnElement, Index, Integer, String, Table, Text, UniqueConstraint, func, select
from sqlalchemy.dialects.sqlite import insert

from cloud.database import Transaction, metadata
from shared.model.special import Lottery

ASKED_AT_ONCE = 500  # values in one statement

lotteries = Table(
    "lotteries",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("body", Text, nullable=False),
)

lottery_codes = Table(
    "lottery_codes",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("lottery", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("code", String(64), nullable=False),
    Column("state", String(10), nullable=False),  # free, leased, drawn, void
    Column("node_id", String(36)),
    Column("order_id", String(36)),
    UniqueConstraint("tenant_id", "lottery", "code"),
    Index("lottery_codes_of_order", "tenant_id", "order_id"),
)

State = Literal["active", "ended"]
Owner = tuple[str, str]  # tenant, lottery


def put_lottery(tx: Transaction, tenant_id: str, lottery: Lottery, state: State) -> None:
    changed = {"state": state, "body": lottery.model_dump_json()}
    upsert = insert(lotteries).values(tenant_id=tenant_id, id=lottery.id, **changed)
    tx.execute(upsert.on_conflict_do_update(index_elements=list(lotteries.primary_key), set_=changed))


def all_lotteries(tx: Transaction, tenant_id: str) -> list[tuple[Lottery, State]]:
    query = select(lotteries).where(lotteries.c.tenant_id == tenant_id).order_by(lotteries.c.id)
    return [(Lottery.model_validate_json(row.body), row.state) for row in tx.execute(query)]


def _of(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    return lottery_codes.c.tenant_id == owner[0], lottery_codes.c.lottery == owner[1]


def codes_among(tx: Transaction, owner: Owner, codes: Sequence[str]) -> set[str]:
    """Return those of the codes that were imported before."""
    found: set[str] = set()
    for start in range(0, len(codes), ASKED_AT_ONCE):
        some = codes[start : start + ASKED_AT_ONCE]
        query = select(lottery_codes.c.code).where(*_of(owner), lottery_codes.c.code.in_(some))
        found.update(tx.execute(query).scalars())
    return found


def add_codes(tx: Transaction, owner: Owner, codes: Sequence[str]) -> None:
    """Number codes on behind those that are there."""
    last = tx.execute(select(func.coalesce(func.max(lottery_codes.c.number), 0)).where(*_of(owner))).scalar_one()
    rows = [
        {"tenant_id": owner[0], "lottery": owner[1], "number": number, "code": code, "state": "free"}
        for number, code in enumerate(codes, last + 1)
    ]
    if rows:
        tx.execute(lottery_codes.insert(), rows)


def leased_codes(tx: Transaction, owner: Owner) -> dict[str, int]:
    """Return how many codes each box has and has not given out, as far as its orders have arrived."""
    query = select(lottery_codes.c.node_id, func.count().label("codes"))
    query = query.where(*_of(owner), lottery_codes.c.state == "leased").group_by(lottery_codes.c.node_id)
    return {row.node_id: row.codes for row in tx.execute(query)}


def counts(tx: Transaction, owner: Owner) -> dict[str, int]:
    """Return how many codes there are, by state."""
    query = select(lottery_codes.c.state, func.count().label("codes")).where(*_of(owner))
    return {row.state: row.codes for row in tx.execute(query.group_by(lottery_codes.c.state))}


def lease(tx: Transaction, owner: Owner, node_id: str, count: int) -> tuple[int, list[str]]:
    """Give a box the next free codes. Returns the first one's number, and the codes."""
    free = select(lottery_codes.c.number, lottery_codes.c.code).where(*_of(owner), lottery_codes.c.state == "free")
    rows = tx.execute(free.order_by(lottery_codes.c.number).limit(count)).all()
    first, last = rows[0].number, rows[-1].number
    assert last - first == len(rows) - 1, "codes are leased in order and never become free again"
    change = lottery_codes.update().where(*_of(owner), lottery_codes.c.number.between(first, last))
    tx.execute(change.values(state="leased", node_id=node_id))
    return first, [row.code for row in rows]


def draw(tx: Transaction, owner: Owner, number: int, code: str, node_id: str, order_id: str) -> bool:
    """Bind a code to its order; tells whether it was this box's to give out, and had not been given out before."""
    known = lottery_codes.c
    mine = (known.number == number, known.code == code, known.node_id == node_id, known.state == "leased")
    change = lottery_codes.update().where(*_of(owner), *mine).values(state="drawn", order_id=order_id)
    return tx.execute(change).rowcount == 1


def has_codes(tx: Transaction, tenant_id: str, order_id: str) -> bool:
    query = select(lottery_codes.c.number).where(
        lottery_codes.c.tenant_id == tenant_id, lottery_codes.c.order_id == order_id
    )
    return tx.execute(query.limit(1)).first() is not None


def void(tx: Transaction, tenant_id: str, order_id: str) -> None:
    change = lottery_codes.update().where(lottery_codes.c.tenant_id == tenant_id, lottery_codes.c.order_id == order_id)
    tx.execute(change.values(state="void"))
