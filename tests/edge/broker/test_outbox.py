"""What is promised comes at least once, on our own broker and on mosquitto."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge.broker import service, storage
from edge.broker.models import RECEIPT_IDS_MAX
from edge.broker.worker import AGAIN_FIRST_S, LOOK_EVERY_S, announce
from edge.database import Transaction
from edge.demo.daemons import free_port
from shared import ids
from tests.edge.broker.brokers import (
    client,
    listens,
    mosquitto_url,
    running_mosquitto,
    set_up_mosquitto,
    settings,
)
from tests.edge.orders.test_refunds import refund
from tests.edge.small_shop import HandClock, Till, open_small_shop, open_till
from tests.world import until


@dataclass(slots=True)
class Store:
    """A till whose daemon promises orders to the user `gate`."""

    till: Till
    clock: HandClock
    port: int
    broker: Callable[[], AbstractAsyncContextManager[None]]  # runs it while the context is open

    def gate(self) -> Any:
        return client(self.port, "gate")

    async def waiting(self) -> int:
        return len(await self.till.shop.db.transact(service.waiting, ["gate"]))


@pytest.fixture(params=["ours", "mosquitto"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    clock = HandClock()
    if request.param == "mosquitto":
        port = set_up_mosquitto(tmp_path / "mosquitto")
        broker = settings(url=mosquitto_url(port))
    else:
        port = free_port(0)
        broker = settings(port=port)
    async with open_small_shop(tmp_path, clock, broker=broker) as shop, open_till(shop) as till:

        @asynccontextmanager
        async def running() -> AsyncIterator[None]:
            telling = asyncio.create_task(announce(shop))
            try:
                await listens(port)
                yield
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)

        @asynccontextmanager
        async def running_beside() -> AsyncIterator[None]:
            async with running_mosquitto(tmp_path / "mosquitto", port), running():
                yield

        yield Store(till, clock, port, running_beside if request.param == "mosquitto" else running)


async def next_order(gate: Any) -> tuple[str, dict[str, Any]]:
    """Return topic and message of what comes into the inbox."""
    async with asyncio.timeout(10):
        message = await anext(aiter(gate.messages))
    return message.topic.value, json.loads(message.payload)


async def acknowledge(gate: Any, *message_ids: str) -> None:
    await gate.publish("receipts/gate", json.dumps({"ids": message_ids}), qos=1)


async def test_an_order_comes_into_the_inbox_and_its_receipt_ends_it(store: Store) -> None:
    async with store.broker(), store.gate() as gate:
        await gate.subscribe("inbox/gate/#", qos=1)
        order = await store.till.sell("milk", "milk")
        topic, message = await next_order(gate)
        await acknowledge(gate, message["id"])

        async def is_done() -> bool:
            return await store.waiting() == 0

        await until(is_done)

    assert topic == "inbox/gate/orders/kiosk"
    assert message["event"] == "order.completed"
    assert message["body"] == {
        "id": order["id"],
        "receipt_number": "T1K1-000001",
        "lane": "kiosk",
        "currency": "GBP",
        "total_minor": 230,
        "lines": [{"sku": "milk", "quantity": 2}],
    }


async def test_a_refund_is_promised_too(store: Store) -> None:
    async with store.broker(), store.gate() as gate:
        await gate.subscribe("inbox/gate/refunds", qos=1)
        order = await store.till.sell("milk")
        await refund(store.till, order, {1: 1})
        topic, message = await next_order(gate)

    assert (topic, message["event"], message["body"]["order_id"]) == (
        "inbox/gate/refunds",
        "order.refunded",
        order["id"],
    )


async def test_without_a_receipt_it_comes_again_with_the_same_id(store: Store) -> None:
    async with store.broker(), store.gate() as gate:
        await gate.subscribe("inbox/gate/#", qos=1)
        await store.till.sell("milk")
        first = await next_order(gate)
        store.clock.passed_s += AGAIN_FIRST_S + 0.1
        second = await next_order(gate)

    assert first == second


async def test_who_was_away_says_so_and_gets_everything_at_once_in_order(store: Store) -> None:
    async with store.broker():
        for _ in range(5):
            await store.till.sell("milk")
        await asyncio.sleep(LOOK_EVERY_S / 2)  # all were sent, and nobody was there
        async with store.gate() as gate:
            await gate.subscribe("inbox/gate/#", qos=1)
            await gate.publish("receipts/gate", b"{}", qos=1)
            numbers = [(await next_order(gate))[1]["body"]["receipt_number"] for _ in range(5)]

    assert numbers == [f"T1K1-{number:06d}" for number in range(1, 6)]


async def test_a_broker_that_is_started_again_loses_nothing(store: Store) -> None:
    await store.till.sell("milk")  # before there is a broker
    async with store.broker():
        await store.till.sell("milk")
    async with store.broker(), store.gate() as gate:
        await gate.subscribe("inbox/gate/#", qos=1)
        await gate.publish("receipts/gate", b"{}", qos=1)
        numbers = {(await next_order(gate))[1]["body"]["receipt_number"] for _ in range(2)}

    assert numbers == {"T1K1-000001", "T1K1-000002"}


@pytest.mark.parametrize(
    "payload",
    [b"", b"no JSON", b'{"ids": ["x"]}', b"[]", json.dumps({"ids": [ids.new_id()] * (RECEIPT_IDS_MAX + 1)}).encode()],
    ids=["empty", "no JSON", "no id", "a list", "too many"],
)
async def test_a_receipt_that_is_none_ends_nothing(store: Store, payload: bytes) -> None:
    async with store.broker(), store.gate() as gate:
        await store.till.sell("milk")
        await gate.publish("receipts/gate", payload, qos=1)

        refusals = store.till.shop.metrics.broker_refusals.labels(reason="bad_receipt")

        async def counted() -> bool:
            return next(iter(refusals.collect())).samples[0].value == 1

        await until(counted)

        assert await store.waiting() == 1


async def promise(till: Till, count: int, receiver: str = "gate") -> list[str]:
    def add(tx: Transaction) -> list[str]:
        made = [ids.new_id() for _ in range(count)]
        for message_id in made:
            storage.add(tx, message_id, receiver, "orders/kiosk", "{}")
        return made

    return await till.shop.db.transact(add)


async def test_a_receipt_of_somebody_else_ends_nothing(till: Till) -> None:
    db = till.shop.db
    (message_id,) = await promise(till, 1)

    stolen = await db.transact(service.take_receipts, [("exit", [message_id])])
    taken = [await db.transact(service.take_receipts, [("gate", [message_id] * 3)]) for _ in range(2)]

    assert stolen == 0
    assert taken == [1, 0]


async def test_age_is_time_of_running_whatever_the_clock_says(till: Till, clock: HandClock) -> None:
    db = till.shop.db
    await promise(till, 3)

    clock.at = datetime(2099, 1, 1, tzinfo=UTC)
    after_the_jump = await db.transact(service.give_up, ["gate"], 3_000, 3_600)
    clock.at = datetime(1970, 1, 1, tzinfo=UTC)
    after_the_hour = await db.transact(service.give_up, ["gate"], 601, 3_600)

    assert (after_the_jump, after_the_hour) == (0, 3)


async def test_what_waits_is_bounded_and_for_nobody_else(till: Till) -> None:
    db = till.shop.db
    await promise(till, 20, "forgotten")
    kept = await promise(till, 20)

    strangers = await db.transact(service.give_up, ["gate"], 0, 3_600)
    beyond = await db.transact(storage.remove_beyond, 5)
    left = await db.transact(service.waiting, ["gate"])

    assert (strangers, beyond) == (20, 15)
    assert [message.id for message in left] == kept[-5:]


async def test_a_store_that_promises_nothing_writes_nothing(till: Till) -> None:
    await till.sell("milk")

    assert await till.shop.db.transact(lambda tx: tx.value("select count(*) from outbox")) == 0


async def test_another_broker_that_dies_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "mosquitto"
    port = set_up_mosquitto(folder)
    broker = settings(url=mosquitto_url(port))
    async with open_small_shop(tmp_path, broker=broker) as shop, open_till(shop) as till:
        async with running_mosquitto(folder, port, ends_with=signal.SIGKILL):
            telling = asyncio.create_task(announce(shop))
            await till.sell("milk")
        await till.sell("milk")
        async with running_mosquitto(folder, port), client(port, "gate") as gate:
            await gate.subscribe("inbox/gate/#", qos=1)
            numbers = {(await next_order(gate))[1]["body"]["receipt_number"] for _ in range(2)}
        is_telling = not telling.done()
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)

    assert numbers == {"T1K1-000001", "T1K1-000002"}
    assert is_telling
