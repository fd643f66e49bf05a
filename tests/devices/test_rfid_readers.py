"""What every RFID reader promises. Each driver runs this suite; the simulators play their part on the table."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from devices.errors import DeviceDisconnected, DeviceSilent
from devices.rfid.interface import TagRead, TagReader, TagReads
from devices.supervision import BackOff, DeviceState, supervise
from tests.devices.rfid_table import MAKES, NOTICED_S, WINDOW_S, Table
from tests.world import until

FIRST_US = 1_767_323_045_000_000
TAG = TagRead(bytes.fromhex("30740242201d8840000003e8"), 2, -5_200, FIRST_US, FIRST_US, 1, 0x3000)
LONG_TAG = TAG._replace(epc=bytes.fromhex("3674024220") + bytes(20), pc=0x6000, tid=bytes.fromhex("e28011606000020a"))
UNPROGRAMMED = TAG._replace(epc=bytes.fromhex("e28011606000020a12345678"))
STRAY = TAG._replace(epc=bytes.fromhex("dead"), pc=0x0800, rssi_cdbm=-8_100)


def tags(count: int) -> list[TagRead]:
    return [TAG._replace(epc=number.to_bytes(12), antenna=1 + number % 4) for number in range(count)]


@pytest.fixture(params=MAKES)
async def table(request: pytest.FixtureRequest) -> AsyncIterator[Table]:
    async with MAKES[request.param]() as table:
        yield table


@pytest.fixture
async def reader(table: Table) -> AsyncIterator[TagReader]:
    await table.reader.open()
    await table.reader.start()
    yield table.reader
    await table.reader.close()


async def taken(reader: TagReader, count: int) -> list[TagRead]:
    """Read until so many tags were handed over."""
    reads: list[TagRead] = []
    async with asyncio.timeout(10):
        while len(reads) < count:
            reads += (await reader.read()).reads
    return reads


async def nothing_comes(reader: TagReader, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await reader.read()
    except TimeoutError:
        return True
    return False


async def test_a_tag_arrives_with_what_the_reader_knows_of_it(table: Table, reader: TagReader) -> None:
    await table.show([TAG, LONG_TAG])

    first, second = await taken(reader, 2)
    assert (first.epc, first.antenna, first.rssi_cdbm, first.seen_count) == (TAG.epc, 2, -5_200, 1)
    assert first.last_seen_us == FIRST_US
    assert (second.epc, second.tid) == (LONG_TAG.epc, LONG_TAG.tid)


async def test_unprogrammed_tags_and_strays_arrive_as_they_are(table: Table, reader: TagReader) -> None:
    await table.show([UNPROGRAMMED, STRAY])

    assert [read.epc for read in await taken(reader, 2)] == [UNPROGRAMMED.epc, STRAY.epc]


async def test_reads_of_one_tag_within_the_window_come_as_one(table: Table, reader: TagReader) -> None:
    await table.show([TAG])
    (first,) = await taken(reader, 1)
    await table.show([TAG._replace(rssi_cdbm=rssi, last_seen_us=FIRST_US + 5_000) for rssi in (-6_000, -4_400, -5_000)])
    began_s = asyncio.get_running_loop().time()
    (merged,) = await taken(reader, 1)

    assert first.seen_count == 1
    assert (merged.seen_count, merged.rssi_cdbm, merged.last_seen_us) == (3, -4_400, FIRST_US + 5_000)
    assert asyncio.get_running_loop().time() - began_s > WINDOW_S / 3
    assert await nothing_comes(reader, 2 * WINDOW_S)


async def test_two_antennas_and_two_chips_are_told_apart(table: Table, reader: TagReader) -> None:
    same_epc = [TAG, TAG._replace(antenna=3), LONG_TAG._replace(epc=TAG.epc, pc=TAG.pc)]
    await table.show(same_epc)

    assert len(await taken(reader, 3)) == 3


async def test_only_between_start_and_stop_tags_are_read(table: Table) -> None:
    reader = table.reader
    await reader.open()
    await table.show([TAG])
    assert await nothing_comes(reader, WINDOW_S)

    await reader.start()
    await table.show([STRAY])
    assert [read.epc for read in await taken(reader, 1)] == [STRAY.epc]

    await reader.stop()
    await table.show([TAG])
    assert await nothing_comes(reader, 2 * WINDOW_S)

    await reader.start()
    await table.show([TAG])
    assert [read.epc for read in await taken(reader, 1)] == [TAG.epc]
    await reader.close()


async def test_a_cancelled_read_loses_nothing(table: Table, reader: TagReader) -> None:
    for _ in range(20):
        reading = asyncio.create_task(reader.read())
        await asyncio.sleep(0.001)
        reading.cancel()
    await table.show([TAG])

    assert [read.epc for read in await taken(reader, 1)] == [TAG.epc]


async def test_a_storm_arrives_whole_while_the_caller_is_slow(table: Table, reader: TagReader) -> None:
    storm = tags(3_000)
    await table.show([*storm, *storm])
    reads: list[TagReads] = []
    async with asyncio.timeout(30):
        while sum(read.seen_count for told in reads for read in told.reads) < 6_000:
            reads.append(await reader.read())
            await asyncio.sleep(0.05)  # it writes something to disk

    assert {read.epc for told in reads for read in told.reads} == {tag.epc for tag in storm}
    assert sum(told.dropped + told.unreadable for told in reads) == 0


async def test_nonsense_is_told_and_reading_goes_on(table: Table, reader: TagReader) -> None:
    await table.send_nonsense()
    told = await reader.read()
    await table.show([TAG])

    assert (told.reads, told.unreadable) == ((), 1)
    assert [read.epc for read in await taken(reader, 1)] == [TAG.epc]


async def test_a_reader_without_power_is_disconnected_after_its_last_reads(table: Table, reader: TagReader) -> None:
    await table.show([TAG])
    await asyncio.sleep(0.1)
    await table.lose_power()

    assert [read.epc for read in await taken(reader, 1)] == [TAG.epc]
    with pytest.raises(DeviceDisconnected):
        await reader.read()
    with pytest.raises(DeviceDisconnected):
        await reader.open()

    await table.get_power()
    await reader.open()
    await reader.start()
    await table.show([STRAY])
    assert [read.epc for read in await taken(reader, 1)] == [STRAY.epc]


async def test_a_reader_that_says_nothing_any_more_is_silent(table: Table, reader: TagReader) -> None:
    table.go_mute()

    with pytest.raises(DeviceSilent):
        async with asyncio.timeout(NOTICED_S):
            await reader.read()


async def test_closing_wakes_whoever_reads(reader: TagReader) -> None:
    reading = asyncio.create_task(reader.read())
    await asyncio.sleep(0.01)
    await reader.close()
    await reader.close()

    with pytest.raises(DeviceDisconnected):
        await reading
    with pytest.raises(DeviceDisconnected):
        await reader.start()


async def test_what_was_read_before_opening_again_is_forgotten(table: Table, reader: TagReader) -> None:
    await table.show([TAG])
    await asyncio.sleep(0.1)
    await reader.open()
    await reader.start()
    await table.show([STRAY])

    assert [read.epc for read in await taken(reader, 1)] == [STRAY.epc]


async def test_a_supervised_reader_is_used_again_when_it_has_power_again(table: Table) -> None:
    states: list[str] = []
    seen: list[bytes] = []

    async def open_and_run(ready: Callable[[], None]) -> None:
        await table.reader.open()
        try:
            await table.reader.start()
            ready()
            while True:
                seen.extend(read.epc for read in (await table.reader.read()).reads)
        finally:
            await table.reader.close()

    async def is_seen(tag: TagRead) -> bool:
        return tag.epc in seen

    def tell(state: DeviceState) -> None:
        states.append(state.state)

    soon = BackOff(first_s=0.02, longest_s=0.1)
    running = asyncio.create_task(supervise("gate", "rfid", open_and_run, tell, soon))
    await until(partial(came, states, ["connecting", "ready"]))
    await table.show([TAG])
    await until(partial(is_seen, TAG))
    await table.lose_power()
    await until(partial(came, states, ["connecting", "ready", "failed"]))
    await table.get_power()
    await until(partial(came, states, ["connecting", "ready", "failed", "ready"]))
    await table.show([STRAY])
    await until(partial(is_seen, STRAY))
    running.cancel()
    await asyncio.wait([running])


async def came(states: list[str], expected: list[str]) -> bool:
    return states == expected
