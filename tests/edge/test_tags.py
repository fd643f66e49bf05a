"""What an RFID reader sees reaches the store, in a storm too."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from devices.ports.tcp import TcpPort
from devices.rfid.interface import Inventory, TagRead
from devices.rfid.llrp import LlrpReader
from devices.rfid.llrp_link import Patience
from devices.rfid.simulated import SimulatedReader
from devices.supervision import BackOff, supervise
from edge.shop import Shop
from edge.tags import TOLD_AT_ONCE_MAX, read_tags
from tests.world import until

SHIRT = TagRead(bytes.fromhex("3034257BF7194E4000001A85"), 2, -5_300, 1, 1)
STRAY = TagRead(bytes.fromhex("DEAD"), 1, None, 1, 1)
STORM = 5_000


@dataclass
class Gate:
    shop: Shop
    simulated: SimulatedReader

    async def is_in(self, state: str) -> bool:
        return "gate" in self.shop.devices and self.shop.devices["gate"].state == state

    def told(self) -> list[dict[str, Any]]:
        """Return the tags that the store heard of."""
        assert {message.topic for message in self.shop.told} <= {"store/T1/tags/gate"}
        return [tag for message in self.shop.told for tag in json.loads(message.body)["tags"]]

    async def has_told(self, count: int) -> bool:
        return len(self.told()) >= count

    def counted(self, name: str) -> float | None:
        counts = self.shop.metrics.registry
        return counts.get_sample_value(f"shopwright_tag_{name}_total", {"device": "gate"})


@pytest.fixture
async def gate(shop: Shop) -> AsyncIterator[Gate]:
    async with SimulatedReader() as simulated:
        patience = Patience(answer_s=1.0, keepalive_s=0.2, goodbye_s=0.1)
        reader = LlrpReader(TcpPort(simulated.host, simulated.port), Inventory(window_s=0.1), patience=patience)
        work = partial(read_tags, shop, "gate", reader)
        reading = asyncio.create_task(supervise("gate", "rfid", work, shop.device_changed, BackOff(0.02, 0.1)))
        here = Gate(shop, simulated)
        await until(partial(here.is_in, "ready"))
        shop.told.clear()  # that the reader is ready
        yield here
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert reading.cancelled(), reading.exception()
        assert not simulated.is_reading


async def test_tags_are_told_with_what_they_mean(gate: Gate) -> None:
    await gate.simulated.show([SHIRT, STRAY], together=2)
    await until(partial(gate.has_told, 2))

    shirt, stray = gate.told()
    assert shirt == {
        "epc": "urn:epc:id:sgtin:0614141.812345.6789",
        "gtin14": "80614141123458",
        "serial": "6789",
        "antenna": 2,
        "rssi_cdbm": -5_300,
        "seen_count": 1,
    }
    assert (stray["epc"], stray["gtin14"], stray["serial"]) == ("DEAD", None, None)
    assert gate.counted("reads") == 2


async def test_losses_and_nonsense_are_counted(gate: Gate) -> None:
    async def are_counted() -> bool:
        return gate.counted("reads_dropped") == 1 and gate.counted("reports_unreadable") == 1

    gate.simulated.lose_reports()
    gate.simulated.send_raw(bytes.fromhex("043d 00000010 00000000 00f0 0006 8d30"))  # half of an EPC
    await until(are_counted)

    assert gate.told() == []


async def test_a_reader_that_was_away_goes_on(gate: Gate) -> None:
    await gate.simulated.power_off()
    await until(partial(gate.is_in, "failed"))
    await gate.simulated.power_on()
    await until(partial(gate.is_in, "ready"))
    gate.shop.told.clear()

    await gate.simulated.show([SHIRT])
    await until(partial(gate.has_told, 1))


async def test_a_storm_is_told_in_few_messages_and_holds_nobody_up(gate: Gate) -> None:
    turns_s: list[float] = []

    async def others() -> None:
        while True:
            turns_s.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0)

    busy = asyncio.create_task(others())
    crowd = [SHIRT._replace(epc=SHIRT.epc[:-2] + number.to_bytes(2)) for number in range(STORM)]
    await gate.simulated.show(crowd)
    await until(partial(gate.has_told, STORM))
    busy.cancel()

    assert len({tag["epc"] for tag in gate.told()}) == STORM
    assert len(gate.shop.told) < STORM / 10
    assert max(len(json.loads(message.body)["tags"]) for message in gate.shop.told) <= TOLD_AT_ONCE_MAX
    assert max(later - earlier for earlier, later in pairwise(turns_s)) < 0.5
    assert gate.counted("reads") == STORM
