"""How devices are doing: on the store's broker, in metrics and in the journal."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.errors import DeviceDisconnected, PrinterOutOfPaper, PrinterPaperLow
from devices.supervision import DeviceState, troubled
from edge import app
from edge.broker.worker import announce
from edge.demo.daemons import free_port
from edge.fleet import service as fleet
from edge.fleet.devices import CHANGES_PER_HOUR_MAX, HOUR_S, DeviceLife
from edge.fleet.worker import due, keep_recording
from edge.shop import Shop
from shared.events.devices import DeviceChange
from tests.edge import small_shop
from tests.edge.broker.brokers import client, listens, settings
from tests.edge.broker.test_outbox import next_order
from tests.edge.small_shop import NODE, HandClock, open_small_shop
from tests.world import until

READY = DeviceState("printer", "printer", "ready")
OUT = troubled("printer", "printer", "failed", PrinterOutOfPaper())
LOW = troubled("printer", "printer", "degraded", PrinterPaperLow())
AWAY = troubled("printer", "printer", "failed", DeviceDisconnected(address="/dev/" + "x" * 500))


async def journal(shop: Shop) -> list[dict[str, Any]]:
    rows = await shop.db.transact(lambda tx: tx.rows("select entry from journal order by seq"))
    return [json.loads(entry) for (entry,) in rows]


@asynccontextmanager
async def recording(shop: Shop) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_recording(shop))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_each_change_of_a_device_becomes_a_fact(shop: Shop) -> None:
    async with recording(shop):
        for count, state in enumerate((READY, LOW, OUT, READY), start=2):
            shop.device_changed(state)

            async def recorded(count: int = count) -> bool:
                return len(await journal(shop)) == count

            await until(recorded)
    entries = (await journal(shop))[1:]

    assert [entry["name"] for entry in entries] == [
        "device.connected",
        "device.degraded",
        "device.failed",
        "device.connected",
    ]
    assert entries[2]["body"] == {
        "device": "printer",
        "kind": "printer",
        "left_out": 0,
        "reason": "printer-out-of-paper",
        "title": PrinterOutOfPaper().title,
        "hint": PrinterOutOfPaper.hint,
    }
    assert shop.line.unsent == 4


def test_a_loose_cable_does_not_fill_the_journal_and_nothing_is_hidden() -> None:
    life, facts, now_s = DeviceLife(), list[DeviceChange](), 0.0
    changes = 20_001
    for number in range(changes):  # five and a half hours, a change a second
        now_s += 1.0
        state = READY if number % 2 == 0 else AWAY
        if life.is_due(state, now_s):
            facts.append(life.write(state, number + 1, now_s))
    if life.is_due(READY, now_s + HOUR_S):
        facts.append(life.write(READY, changes, now_s + HOUR_S))

    assert len(facts) <= CHANGES_PER_HOUR_MAX * 7
    assert facts[-1].event_name == "device.connected"
    assert sum(fact.left_out + 1 for fact in facts) == changes


def test_the_same_state_is_not_written_twice() -> None:
    life = DeviceLife()
    first = life.is_due(OUT, 0.0)
    life.write(OUT, 1, 0.0)

    assert first
    assert not life.is_due(OUT, 10 * HOUR_S)
    assert life.is_due(AWAY, 1.0)  # another reason


def test_a_device_that_was_not_looked_at_yet_is_nothing_to_write_down() -> None:
    assert not DeviceLife().is_due(DeviceState("printer", "printer", "connecting"), 0.0)


async def test_a_clock_that_jumps_writes_down_no_more(shop: Shop, clock: HandClock) -> None:
    lives: defaultdict[str, DeviceLife] = defaultdict(DeviceLife)
    written = 0
    for number in range(100):
        clock.at = datetime(2099 if number % 2 else 1971, 1, 1, tzinfo=UTC)
        shop.device_changed(READY if number % 2 else OUT)
        written += len(due(shop, lives))

    assert written == CHANGES_PER_HOUR_MAX


async def test_a_box_that_knows_no_store_yet_writes_down_its_devices_too(tmp_path: Path, clock: HandClock) -> None:
    async with app.open_database(tmp_path) as db:
        await db.transact(fleet.key_for_enrolment)
        await db.transact(fleet.enrol, NODE)
    async with app.open_shop(small_shop.settings(), tmp_path, clock) as shop, recording(shop):
        shop.device_changed(OUT)

        async def recorded() -> bool:
            return (await journal(shop))[-1]["name"] == "device.failed"

        await until(recorded)

    assert not shop.told  # nobody knows under which name


async def test_the_store_s_broker_tells_how_devices_are_also_to_who_comes_later(tmp_path: Path) -> None:
    port = free_port(0)
    async with open_small_shop(tmp_path, broker=settings(port=port)) as shop, recording(shop):
        shop.device_changed(READY)  # before there is a broker
        telling = asyncio.create_task(announce(shop))
        await listens(port)
        async with client(port, "screen") as screen, client(port, "gate") as gate:
            await gate.subscribe("inbox/gate/devices/#", qos=1)
            await gate.publish("receipts/gate", b"{}", qos=1)
            await next_order(gate)
            await screen.subscribe("store/+/devices/#", qos=1)
            before = await next_order(screen)
            shop.device_changed(OUT)
            after = await next_order(screen)
            promised = await next_order(gate)
        async with client(port, "screen") as late:
            await late.subscribe("store/T1/devices/printer")
            told_late = await next_order(late)
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        metrics = shop.metrics.device_changes.labels(device="printer", kind="printer", state="failed")
        counted = next(iter(metrics.collect())).samples[0].value

    assert before == ("store/T1/devices/printer", asdict(READY))
    assert after == told_late == ("store/T1/devices/printer", asdict(OUT))
    assert (promised[0], promised[1]["event"]) == ("inbox/gate/devices/printer", "device.failed")
    assert counted == 1
