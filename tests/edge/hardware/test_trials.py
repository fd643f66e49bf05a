"""Every kind of device is tried out while the daemon uses it, and goes on being used."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from devices import drivers, trials
from devices.card_readers.ndef import UriRecord
from devices.card_readers.pcsc import PcscReader
from devices.card_readers.simulated import SimulatedCard, SimulatedSlot
from devices.card_terminals.simulated import SimulatedTerminal
from devices.displays.simulated import SimulatedDisplay
from devices.ports.simulated import PtyLine
from devices.rfid.interface import TagRead
from devices.rfid.simulated import SimulatedReader
from devices.scales.simulated import SimulatedScale
from edge import app
from edge.config import Config
from edge.fleet import service as fleet
from edge.hardware import command
from edge.shop import Shop, Told
from tests.edge.small_shop import NODE, STAFF, HandClock, assortment, publish, settings
from tests.world import until

SHIRT = TagRead(bytes.fromhex("3034257BF7194E4000001A85"), 2, -5_300, 1, 1)
STRAY = TagRead(bytes.fromhex("DEAD"), 1, None, 1, 1)
CARD = SimulatedCard(b"\x04\x01\x02\x03", 2, (UriRecord("https://example.com/1"),))


@dataclass(slots=True)
class Table:
    """One simulated device of each kind."""

    scale: SimulatedScale
    pole: SimulatedDisplay
    slot: SimulatedSlot
    terminal: SimulatedTerminal
    gate: SimulatedReader

    @property
    def config(self) -> Config:
        return settings(
            devices=(
                {"kind": "scale", "make": "cas", "name": "counter", "path": str(self.scale.line.path)},
                {"kind": "display", "make": "escpos", "name": "pole", "path": str(self.pole.line.path)},
                {"kind": "card_reader", "make": "pcsc", "name": "badges"},
                {"kind": "card_terminal", "make": "simulated", "name": "pay", "port": self.terminal.port},
                {
                    "kind": "rfid",
                    "make": "llrp",
                    "name": "gate",
                    "host": self.gate.host,
                    "port": self.gate.port,
                    "inventory": {"window_s": 0.1},
                },
            )
        )


@dataclass(slots=True)
class Site:
    """A daemon that uses them."""

    table: Table
    shop: Shop
    url: str
    http: aiohttp.ClientSession
    told: list[Told]

    async def test(self, name: str) -> tuple[int, dict[str, Any]]:
        async with self.http.post(f"{self.url}/api/devices/{name}/test", json={}, headers=STAFF) as answer:
            return answer.status, await answer.json()

    async def is_ready(self) -> bool:
        return {self.state(one.name) for one in self.shop.config.devices} == {"ready"}

    async def is_failed(self, name: str) -> bool:
        return self.state(name) == "failed"

    def state(self, name: str) -> str | None:
        return self.shop.devices[name].state if name in self.shop.devices else None

    async def is_tapped(self, name: str) -> bool:
        return name in self.shop.taps

    async def has_told(self, topic: str, count: int) -> bool:
        return len(self.bodies(topic)) >= count

    def bodies(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(message.body) for message in self.told if message.topic == f"store/T1/{topic}"]


@pytest.fixture
async def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Table]:
    slot = SimulatedSlot()
    factories: dict[tuple[str, str], Callable[..., drivers.Device]] = {
        **drivers.DRIVERS,
        ("card_reader", "pcsc"): lambda settings: PcscReader(slot),
    }
    monkeypatch.setattr(drivers, "DRIVERS", factories)
    monkeypatch.setattr(trials, "TAGS_WAIT_S", 0.3)
    monkeypatch.setattr(trials, "SHOWN_TIMES", 3)
    async with AsyncExitStack() as stack:
        scale = SimulatedScale(PtyLine(tmp_path / "scale0"), "cas", gross_g=1_234)
        pole = SimulatedDisplay(PtyLine(tmp_path / "pole0"))
        for one in (scale, pole):
            await one.plug()
            stack.push_async_callback(one.unplug)
        terminal = await stack.enter_async_context(SimulatedTerminal())
        gate = await stack.enter_async_context(SimulatedReader())
        yield Table(scale, pole, slot, terminal, gate)


@pytest.fixture
async def site(table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    told: list[Told] = []
    tell = Shop.tell

    def overhear(shop: Shop, topic: str, body: dict[str, object], *, retained: bool = False) -> None:
        tell(shop, topic, body, retained=retained)
        told.append(shop.told[-1])

    monkeypatch.setattr(Shop, "tell", overhear)
    async with app.open_database(tmp_path / "data") as db:
        await db.transact(fleet.key_for_enrolment)
        await db.transact(fleet.enrol, NODE)
    async with (
        aiohttp.ClientSession() as http,
        app.selling(table.config, tmp_path / "data", HandClock()) as (shop, url),
    ):
        await publish(shop.catalogue, *assortment())
        here = Site(table, shop, url, http, told)
        await until(here.is_ready)
        yield here


async def test_a_scale_tells_its_settled_weight_and_goes_on(site: Site) -> None:
    assert await site.test("counter") == (200, {"name": "counter", "kind": "scale", "read": "1.234 kg"})

    site.table.scale.gross_g = 500
    await until(partial(site.has_told, "scales/counter", 2))
    assert [body["grams"] for body in site.bodies("scales/counter")] == [1_234, 500]
    assert site.state("counter") == "ready"


async def test_a_scale_that_does_not_settle_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "SETTLE_WAIT_S", 0.3)
    site.table.scale.is_moving = True

    status, problem = await site.test("counter")

    assert (status, problem["code"]) == (503, "nothing-settled")
    await until(site.is_ready)


async def test_many_tests_of_a_scale_at_once_all_read_it(site: Site) -> None:
    answers = await asyncio.gather(*(site.test("counter") for _ in range(5)))

    assert {(status, body["read"]) for status, body in answers} == {(200, "1.234 kg")}


async def test_a_display_shows_a_text_and_then_its_lane_again(site: Site) -> None:
    async def shows(text: str) -> bool:
        return text in " ".join(site.table.pole.rows)

    await until(partial(shows, "Corner shop"))
    trying = asyncio.create_task(site.test("pole"))
    await until(partial(shows, "Self-test"))

    assert await trying == (200, {"name": "pole", "kind": "display", "read": ""})
    site.shop.announce_lane("kiosk")
    await until(partial(shows, "Corner shop"))


async def test_a_card_on_trial_is_told_to_nobody_else_and_the_next_one_is(site: Site) -> None:
    trying = asyncio.create_task(site.test("badges"))
    await until(partial(site.is_tapped, "badges"))
    site.table.slot.insert(CARD)

    assert await trying == (
        200,
        {"name": "badges", "kind": "card_reader", "read": "04010203, https://example.com/1"},
    )
    assert site.bodies("cards/badges") == []
    site.table.slot.insert(SimulatedCard(b"\x04\x01\x02\x04", None))
    await until(partial(site.has_told, "cards/badges", 1))


async def test_a_card_that_was_pulled_is_told_to_whoever_tries(site: Site) -> None:
    trying = asyncio.create_task(site.test("badges"))
    await until(partial(site.is_tapped, "badges"))
    site.table.slot.insert(SimulatedCard(b"\x04\x01\x02\x03", 2, pulled_after=0))

    status, problem = await trying
    assert (status, problem["code"]) == (400, "unreadable-card")
    assert site.shop.trouble("kiosk") is None


async def test_nobody_shows_a_card(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "SCAN_WAIT_S", 0.1)

    status, problem = await site.test("badges")

    assert (status, problem["code"]) == (503, "no-card-shown")


async def test_a_terminal_is_asked_and_no_money_moves(site: Site) -> None:
    assert await site.test("pay") == (200, {"name": "pay", "kind": "card_terminal", "read": ""})
    assert site.table.terminal.bank == {}

    await site.table.terminal.power_off()
    status, problem = await site.test("pay")
    assert (status, problem["code"]) == (503, "device-disconnected")
    await site.table.terminal.power_on()


async def test_tags_on_trial_are_counted_and_told_to_the_store_as_ever(site: Site) -> None:
    trying = asyncio.create_task(site.test("gate"))
    await until(partial(site.is_tapped, "gate"))
    await site.table.gate.show([SHIRT, STRAY, SHIRT])

    read = "2 EPC: urn:epc:id:sgtin:0614141.812345.6789, DEAD"
    assert await trying == (200, {"name": "gate", "kind": "rfid", "read": read})
    tags = [tag["epc"] for body in site.bodies("tags/gate") for tag in body["tags"]]
    assert {"DEAD", "urn:epc:id:sgtin:0614141.812345.6789"} == set(tags)
    assert site.state("gate") == "ready"
    assert site.table.gate.is_reading


async def test_of_a_crowd_only_the_first_are_named(site: Site) -> None:
    trying = asyncio.create_task(site.test("gate"))
    await until(partial(site.is_tapped, "gate"))
    await site.table.gate.show([STRAY._replace(epc=bytes([0xDE, number])) for number in range(7)], together=7)

    assert (await trying)[1]["read"] == "7 EPC: DE00, DE01, DE02, DE03, DE04, …"


async def test_a_gate_without_tags_works_and_one_that_is_away_does_not(site: Site) -> None:
    assert (await site.test("gate"))[1]["read"] == "0 EPC"

    await site.table.gate.power_off()
    await until(partial(site.is_failed, "gate"))
    status, problem = await site.test("gate")
    assert (status, problem["code"]) == (503, "device-disconnected")


async def test_without_a_daemon_each_is_opened_for_its_test(table: Table) -> None:
    config = table.config.model_copy(update={"http": table.config.http.model_copy(update={"port": 1})})
    said: list[str] = []
    table.slot.insert(CARD)

    for name in ("counter", "pole", "badges", "pay", "gate"):
        await command.test(config, name, said.append)

    assert said[1::2] == [
        "counter works. 1.234 kg",
        "pole works.",
        "badges works. 04010203, https://example.com/1",
        "pay works.",
        "gate works. 0 EPC",
    ]
    assert not table.gate.is_reading
