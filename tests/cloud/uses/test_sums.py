"""Sums of uses are what the uses come to, whatever happened, and one more use costs the same after thousands."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import create_engine, event, text

import cloud
from cloud.database import Transaction
from cloud.orders import service as orders
from cloud.received import Received
from cloud.uses import service, storage
from shared.events.orders import OrderCompleted
from shared.model.order import PROMOTION_USES_MAX
from tests.cloud.boxes import Box, an_id, an_order
from tests.cloud.specials.world import BATCH, begin, deliver, digest, give_back, redeemed, reserve, wrongs
from tests.cloud.uses.test_counting import two_shops
from tests.cloud.uses.test_promotions import QUOTA, limited, used, write
from tests.cloud.world import Tenant, World, open_world

KINDS = {
    "granted": ("granted", "true"),
    "node": ("node_id", "granted = 'leased'"),
    "code": ("digest", "digest is not null"),
    "customer": ("customer", "customer is not null"),
}
STEPS = 100  # of the database's machine, between two looks


async def counted(world: World) -> list[tuple[Any, ...]]:
    """Count the uses in orders one by one."""
    parts = [
        f"select tenant_id, quota, '{kind}', {subject}, count(*), sum(minor) from uses"
        f" where state = 'used' and {which} group by tenant_id, quota, {subject}"
        for kind, (subject, which) in KINDS.items()
    ]
    return sorted(await world.rows(" union all ".join(parts)))


async def kept(world: World) -> list[tuple[Any, ...]]:
    return sorted(await world.rows("select * from use_sums where uses or minor"))


async def test_sums_are_what_the_uses_come_to(tmp_path: Path) -> None:
    voucher = {"currency": "GBP", "worth_minor": 1000, "remainder": "stays"}
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await write(tenant, limited(max_uses_total=9, max_uses_per_customer=2))
        await begin(tenant, "summer", BATCH)
        await begin(tenant, "gift", BATCH, text="GIFT", max_uses_per_code=None, voucher=voucher)
        await reserve(world, here, 1)
        await reserve(world, here, 9, code=9)
        await reserve(world, there, 8, code=8)
        await give_back(world, there, 8)
        redeemed(here, 1)
        redeemed(there, 2, code=1, grant="leased", customer="anna")
        redeemed(here, 3, "gift", 5, voucher={"minor": 300, "left_minor": 700, "stays": True})
        order = used(there, 4, "leased", "anna")
        there.took_back(5, order)
        there.took_back(6, order)
        used(there, 7, "leased", "anna")
        money_back = {"campaign": "gift", "name": "Gift", "digest": digest(5), "minor": 100}
        sold = here.facts[2]
        assert isinstance(sold, OrderCompleted)
        here.took_back(10, sold.order, vouchers=(money_back,))
        await deliver(world, here, there)
        summed, expected = await kept(world), await counted(world)
        states = {state for (state,) in await world.rows("select state from uses")}

    assert states == {"used", "reserved", "returned"}
    assert summed == expected
    assert {kind for _, _, kind, _, _, _ in summed} == KINDS.keys()
    assert (tenant.id, "gift", "code", digest(5), 1, 200) in summed


async def cost_of_one_more(world: World, tenant: Tenant, box: Box, before: int) -> int:
    """Return the steps that the database takes for an order's use beside so many others of its code and customer."""
    number = before + 1

    def fill(tx: Transaction) -> None:
        for basket in range(1, number):
            row = {"digest": None, "customer": "anna", "store_id": box.store_id, "node_id": box.id, "granted": "leased"}
            times = {"attempt": None, "expires_at": None, "at": world.clock.now()}
            storage.put_use(tx, (tenant.id, QUOTA), an_id(basket), **row, **times, state="used", minor=0)

    await world.head_office.db.write(fill)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    def watch(tx: Transaction, watcher: Any) -> None:
        raw: Any = tx.connection.driver_connection
        raw.set_progress_handler(watcher, STEPS)

    used(box, number, "leased", "anna")
    await world.head_office.db.write(watch, step)
    await deliver(world, box)
    await world.head_office.db.write(watch, None)
    return steps


async def test_what_a_use_costs_does_not_grow_with_those_before_it(tmp_path: Path) -> None:
    costs = []
    for before in (30, 3_000):
        async with open_world(tmp_path / str(before)) as world:
            tenant, box, _ = await two_shops(world)
            await write(tenant, limited(max_uses_total=20, max_uses_per_customer=20))
            costs.append(await cost_of_one_more(world, tenant, box, before))
            assert {wrong for wrong, _ in await wrongs(tenant)} == {
                "customer_used_again",
                "used_beyond_lease",
                "used_beyond_total",
            }

    few, many = costs
    assert 0 < many < few * 1.5


async def test_an_order_full_of_promotions_that_nobody_knows_costs_as_many_statements_as_one(tmp_path: Path) -> None:
    statements: list[int] = []

    def count(*_: Any) -> None:
        statements[-1] += 1

    async with open_world(tmp_path) as world:
        tenant, box, _ = await two_shops(world)
        engine = world.head_office.db._writer
        for number, many in ((1, 1), (2, PROMOTION_USES_MAX)):
            uses = tuple({"promotion": f"P{at}", "customer": "anna", "grant": "leased"} for at in range(many))
            order = an_order(box, number, promotion_uses=(*uses[1:], uses[0]))
            received = Received(OrderCompleted(order=order), tenant.id, box.store_id, box.id, box.id, world.clock.now())
            await world.head_office.db.write(orders.on_order_completed, received)
            statements.append(0)
            event.listen(engine, "before_cursor_execute", count)
            await world.head_office.db.write(service.on_order_completed, received)
            event.remove(engine, "before_cursor_execute", count)
        noted = await world.rows("select wrong, count(*) from special_exceptions group by wrong")
        summed, expected = await kept(world), await counted(world)

    assert noted == [("unknown_promotion", 1 + PROMOTION_USES_MAX)]
    assert statements[0] == statements[1]
    assert summed == expected


async def test_a_promotion_that_an_order_names_twice_is_one_use(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, _ = await two_shops(world)
        await write(tenant, limited(max_uses_total=1))
        twice = {"promotion": "L1", "customer": "anna", "grant": "reserved"}
        box.sold(1, promotion_uses=(twice, twice))
        await deliver(world, box)
        summed, expected, wrong = await kept(world), await counted(world), await wrongs(tenant)

    assert summed == expected
    assert [row[4] for row in summed] == [1, 1]
    assert wrong == []


def test_uses_of_before_are_summed_up(tmp_path: Path) -> None:
    versions = AlembicConfig()
    versions.set_main_option("script_location", str(Path(cloud.__file__ or "").parent / "migrations"))
    engine = create_engine(f"sqlite:///{tmp_path / 'head-office.db'}")
    code = digest(1)
    rows = [("b1", code, "anna", "n1", "leased", "used", 30), ("b2", code, "ben", "n2", "reserved", "used", 12),
            ("b3", code, "anna", "n1", "leased", "returned", 9), ("b4", code, "anna", "n1", "reserved", "reserved", 9),
            ("b5", None, None, "n1", "leased", "used", 0)]  # fmt: skip
    with engine.begin() as connection:
        versions.attributes["connection"] = connection
        command.upgrade(versions, "0009")
        for basket, its_digest, customer, node, granted, state, minor in rows:
            row = {"basket": basket, "digest": its_digest, "customer": customer, "node": node, "granted": granted}
            connection.execute(
                text(
                    "insert into uses (tenant_id, quota, basket_id, digest, customer, store_id, node_id, granted,"
                    " state, at, minor) values ('t', 'q', :basket, :digest, :customer, 's', :node, :granted, :state,"
                    " '2026-03-02 00:00:00', :minor)"
                ),
                {**row, "state": state, "minor": minor},
            )
        command.upgrade(versions, "head")
        found = sorted(
            tuple(row) for row in connection.execute(text("select kind, subject, uses, minor from use_sums"))
        )
    engine.dispose()

    assert found == [
        ("code", code, 2, 42),
        ("customer", "anna", 1, 30),
        ("customer", "ben", 1, 12),
        ("granted", "leased", 2, 30),
        ("granted", "reserved", 1, 12),
        ("node", "n1", 2, 30),
    ]
