"""What is LLRP's own: its envelopes, lies about lengths, refusals, and signs of life."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import (
    DeviceBusy,
    DeviceDisconnected,
    DeviceError,
    DeviceGarbled,
    DeviceRefused,
    DeviceSilent,
    DeviceUntrusted,
)
from devices.ports.scripted import ScriptedPort
from devices.ports.tcp import TcpPort
from devices.rfid import llrp_messages as bodies
from devices.rfid.interface import Inventory, TagRead
from devices.rfid.llrp import LlrpReader, LlrpSettings, open_llrp
from devices.rfid.llrp_codec import MESSAGE_BYTES_MAX, Message, MessageReader, MessageType, encode, parameters, tlv
from devices.rfid.llrp_link import KEEPALIVES_MISSED_MAX, Patience
from devices.rfid.llrp_messages import Status
from devices.rfid.llrp_reports import ReportReader, render_reports
from devices.rfid.simulated import POWER_STEPS_CDBM, SimulatedReader
from devices.rfid.window import TAGS_MAX
from tests.devices.certificates import self_signed

FRAMES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "frames/rfid/llrp.json").read_text())["frames"]
SOON = Patience(answer_s=2.0, keepalive_s=0.2, goodbye_s=0.2)
SGTIN = bytes.fromhex("30740242201d8840000003e8")
TAG = TagRead(SGTIN, 2, -5_200, 1_700_000_000_000_001, 1_700_000_000_000_009, 1, 0x3000)
LONG_TAG = TAG._replace(epc=bytes.fromhex("3674024220") + bytes(20), pc=0x6800, tid=bytes.fromhex("e28011606000020a"))
VENDORS_OWN = tlv(1023, bytes.fromhex("0000651a 00000039 ec78"))


@pytest.fixture
async def table() -> AsyncIterator[SimulatedReader]:
    async with SimulatedReader() as simulated:
        yield simulated


def driver(table: SimulatedReader, **inventory: Any) -> LlrpReader:
    return LlrpReader(TcpPort(table.host, table.port), Inventory(**{"window_s": 0.05} | inventory), patience=SOON)


@pytest.fixture
async def reader(table: SimulatedReader) -> AsyncIterator[LlrpReader]:
    reader = driver(table)
    await reader.open()
    await reader.start()
    yield reader
    await reader.close()


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame["about"]))
def test_recorded_reports_are_read(frame: dict[str, Any]) -> None:
    (message,) = MessageReader().feed(bytes.fromhex(frame["hex"]))
    reads, unreadable = ReportReader().parse(message.body)

    assert message.type == MessageType.RO_ACCESS_REPORT
    assert unreadable == frame["unreadable"]
    assert [read._asdict() for read in reads] == [
        TAG._asdict() | expected | {key: bytes.fromhex(expected[key]) for key in ("epc", "tid") if key in expected}
        for expected in frame["reads"]
    ]


def test_reports_of_many_shapes_are_read_as_they_were_rendered() -> None:
    tags = [TAG._replace(epc=bytes(range(size)), antenna=size % 5) for size in range(0, 62, 2)]
    bare = [TagRead(SGTIN, 0, None, None, None), TAG._replace(rssi_cdbm=None), TAG._replace(pc=None, tid=b"\xe2\x80")]
    reports = ReportReader()

    for _ in range(2):  # the second time every shape is known
        assert reports.parse(render_reports([*tags, *bare, LONG_TAG])) == ([*tags, *bare, LONG_TAG], 0)
        assert reports.parse(render_reports([*tags, *bare], VENDORS_OWN)) == ([*tags, *bare], 0)


def test_reports_of_one_length_and_two_shapes_are_not_mixed_up() -> None:
    reports = ReportReader()
    antenna, channel = bytes([0x81, 0, 7]), bytes([0x87, 0, 9])

    for field, expected in ((antenna, 7), (channel, 0), (antenna, 7)):
        (read,), unreadable = reports.parse(tlv(240, b"\x8d" + SGTIN, field))
        assert (read.antenna, unreadable) == (expected, 0)


@pytest.mark.parametrize(
    ("report", "reads", "unreadable"),
    [
        (b"", 0, 0),
        (tlv(240), 0, 1),  # no tag
        (tlv(240, b"\x8d" + SGTIN[:5]), 0, 1),  # half an EPC
        (tlv(240, b"\x8d" + SGTIN, b"\xff\x01\x02"), 1, 0),  # an unknown parameter that has no length
        (tlv(240, b"\x8d" + SGTIN, b"\x03\xff\x00\x00"), 1, 0),  # a vendor's parameter with the length 0
        (tlv(240, b"\x8d" + SGTIN, b"\x03\xff\xff\xff"), 1, 0),  # and one that would end behind the report
        (tlv(240, tlv(241, b"\xff\xff" + SGTIN)), 0, 1),  # 65,535 bits in 12 bytes
        (tlv(240, tlv(241, b"\x00")), 0, 1),
        (tlv(240, b"\x8d" + SGTIN) + b"\x00\xf0\x00\x00", 1, 1),
        (tlv(240, b"\x8d" + SGTIN) + b"\x00\xf0\x7f\xff\x8d", 1, 1),
        (tlv(240, b"\x8d" + SGTIN) + b"\x00", 1, 1),
        (tlv(999, b"whatever") + tlv(240, b"\x8d" + SGTIN), 1, 0),  # a parameter of a later version
    ],
)
def test_a_report_that_lies_ends_where_it_lies(report: bytes, reads: int, unreadable: int) -> None:
    found = ReportReader().parse(report)

    assert (len(found[0]), found[1]) == (reads, unreadable)


@pytest.mark.parametrize("filling", [b"\x86\x00", b"\x00\x00\x00\x04", b"\x8c\x00\x00"])
def test_the_worst_message_keeps_the_loop_for_less_than_a_glance(filling: bytes) -> None:
    short = b"".join(tlv(240, number.to_bytes(2), filling) for number in range(MESSAGE_BYTES_MAX // 10))
    long = tlv(240, filling * (65_000 // len(filling)))
    begin_s = time.thread_time()
    ReportReader().parse(short[:MESSAGE_BYTES_MAX])
    ReportReader().parse(long + long)

    assert time.thread_time() - begin_s < 1.0


@given(st.binary(max_size=300), st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_bytes_at_all_do_more_than_end_the_link(first: bytes, second: bytes) -> None:
    reports = ReportReader()
    reports.parse(first)
    reports.parse(second)
    reports.parse(tlv(240, first) + tlv(240, second))
    for body in (first, second):
        assert sum(len(parameter.body) for parameter in parameters(body)) <= len(body)
        bodies.parse_event(body)
        bodies.parse_identity(body)
        for parse in (bodies.parse_status, bodies.parse_capabilities, lambda data: list(MessageReader().feed(data))):
            with suppress(DeviceGarbled):
                parse(body)


@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
def test_messages_are_found_however_they_were_cut(size: int) -> None:
    sent = [Message(MessageType.RO_ACCESS_REPORT, id_, render_reports([TAG] * id_)) for id_ in range(5)]
    stream = b"".join(map(encode, sent))
    reader = MessageReader()

    found = [message for at in range(0, len(stream), size) for message in reader.feed(stream[at : at + size])]

    assert found == sent


@pytest.mark.parametrize("length", [0, 9, MESSAGE_BYTES_MAX + 1, 2**32 - 1])
async def test_a_message_that_lies_about_its_length_ends_the_link(
    length: int, table: SimulatedReader, reader: LlrpReader
) -> None:
    await table.show([TAG])
    table.lie(length)

    assert (await reader.read()).reads == (TAG,)
    with pytest.raises(DeviceGarbled):
        await reader.read()


async def test_a_length_that_swallows_what_follows_is_noticed_as_silence(
    table: SimulatedReader, reader: LlrpReader
) -> None:
    table.lie(100_000)

    with pytest.raises(DeviceSilent):
        async with asyncio.timeout(SOON.silence_s + 1):
            await reader.read()


async def test_bytes_that_are_not_llrp_end_the_link(table: SimulatedReader, reader: LlrpReader) -> None:
    table.send_raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with pytest.raises(DeviceError):
        await reader.read()


async def test_split_and_joined_messages_are_read(table: SimulatedReader) -> None:
    table.splits = True
    reader = driver(table)
    await reader.open()
    await reader.start()
    await table.show([TAG, LONG_TAG])
    split = [await reader.read()]
    while sum(len(told.reads) for told in split) < 2:
        split.append(await reader.read())
    table.splits = False
    table.join()
    await table.show([TAG._replace(antenna=number) for number in range(3, 202)])
    table.release()
    joined = await reader.read()
    await reader.close()

    assert [read for told in split for read in told.reads] == [TAG, LONG_TAG]
    assert len(joined.reads) == 199


async def test_a_vendors_own_parameters_and_messages_are_passed_over(
    table: SimulatedReader, reader: LlrpReader
) -> None:
    table.more = VENDORS_OWN
    table.send_raw(encode(Message(1023, 7, bytes.fromhex("0000651a 15 00"))))
    await table.show([TAG])

    assert (await reader.read()).reads == (TAG,)


async def test_of_a_storm_that_nobody_takes_the_newest_are_kept_and_the_others_counted(table: SimulatedReader) -> None:
    strays = [TAG._replace(epc=number.to_bytes(12)) for number in range(TAGS_MAX + 1_234)]
    reader = driver(table, window_s=60)
    await reader.open()
    await reader.start()
    await table.show(strays, together=500)
    await reader.stop()  # answered behind all reports
    first = await reader.read()
    reads = [*first.reads]
    while len(reads) < TAGS_MAX:
        reads += (await reader.read()).reads
    await reader.close()

    assert first.dropped == 1_234
    assert reads == strays[1_234:]


async def test_signs_of_life_are_acknowledged_while_nobody_reads(table: SimulatedReader, reader: LlrpReader) -> None:
    await asyncio.sleep(2 * SOON.silence_s)  # a reader drops a client that does not acknowledge
    await table.show([TAG])

    assert (await reader.read()).reads == (TAG,)
    assert table.heard[MessageType.KEEPALIVE_ACK] > KEEPALIVES_MISSED_MAX


def test_a_dead_link_is_noticed_within_15_seconds() -> None:
    patience = Patience()
    asked = {parameter.type: parameter.body for parameter in parameters(bodies.set_config(5_000), start=1)}

    assert KEEPALIVES_MISSED_MAX * patience.keepalive_s == patience.silence_s == 15.0
    assert asked[bodies.Part.KEEPALIVE] == b"\x01\x00\x00\x13\x88"  # periodic, 5,000 ms


async def test_a_reader_that_serves_another_program_says_so(table: SimulatedReader, reader: LlrpReader) -> None:
    second = driver(table)
    with pytest.raises(DeviceBusy):
        await second.open()
    await table.show([TAG])  # and the first goes on

    assert (await reader.read()).reads == (TAG,)


async def test_a_reader_that_is_taken_is_used_as_soon_as_it_is_free(table: SimulatedReader) -> None:
    table.is_taken = True
    reader = driver(table)
    with pytest.raises(DeviceBusy):
        await reader.open()
    table.is_taken = False
    await reader.open()
    await reader.close()


async def test_a_refusal_has_the_readers_own_words(table: SimulatedReader) -> None:
    table.refuse(MessageType.ADD_ROSPEC, Status(201, "no such antenna"))

    with pytest.raises(DeviceRefused, match="ADD_ROSPEC: no such antenna"):
        await driver(table).open()


@pytest.mark.parametrize("inventory", [{"antennas": (1, 5)}, {"power_cdbm": 1_000}])
async def test_what_a_reader_cannot_do_is_refused(inventory: dict[str, Any], table: SimulatedReader) -> None:
    with pytest.raises(DeviceRefused):
        await driver(table, **inventory).open()


async def test_the_next_lower_power_step_is_taken(table: SimulatedReader) -> None:
    reader = driver(table, antennas=(1, 3), power_cdbm=2_010, session=2, tag_population=100)
    await reader.open()
    await reader.close()

    index = next(index for index, power in POWER_STEPS_CDBM.items() if power == 2_000)
    assert table.rospec == bodies.add_rospec(reader.inventory, index)


async def test_another_reader_at_the_address_is_refused(table: SimulatedReader) -> None:
    reader = driver(table)
    reader.identity = "001625fffe999999"
    with pytest.raises(DeviceRefused, match="001625fffe000001"):
        await reader.open()
    reader.identity = table.identity.hex()
    await reader.open()
    await reader.close()


async def test_a_reader_that_ends_the_link_itself_is_disconnected(table: SimulatedReader, reader: LlrpReader) -> None:
    table.say_goodbye()

    with pytest.raises(DeviceDisconnected):
        await reader.read()


async def test_reports_that_the_reader_lost_are_told(table: SimulatedReader, reader: LlrpReader) -> None:
    table.lose_reports()

    assert (await reader.read()).dropped == 1


async def test_what_answers_without_a_greeting_is_no_reader() -> None:
    keepalive = encode(Message(MessageType.KEEPALIVE, 1, b""))
    answer = encode(Message(MessageType.ADD_ROSPEC_RESPONSE, 2, b""))
    port = ScriptedPort([keepalive, answer])

    with pytest.raises(DeviceGarbled):
        await LlrpReader(port, patience=SOON).open()
    assert port.written == encode(Message(MessageType.KEEPALIVE_ACK, 1, b""))


async def test_a_reader_proves_itself_by_its_pinned_certificate(tmp_path: Path) -> None:
    certificate, context = self_signed(tmp_path, "gate")
    other, _ = self_signed(tmp_path, "other")
    async with SimulatedReader(tls=context) as table:
        reader = LlrpReader(TcpPort(table.host, table.port, certificate=certificate), patience=SOON)
        await reader.open()
        await reader.start()
        await table.show([TAG])
        assert (await reader.read()).reads == (TAG,)
        await reader.close()

        with pytest.raises(DeviceUntrusted):
            await LlrpReader(TcpPort(table.host, table.port, certificate=other), patience=SOON).open()
        with pytest.raises(DeviceDisconnected):
            await LlrpReader(TcpPort(table.host, table.port, certificate=tmp_path / "gone.pem"), patience=SOON).open()


def test_settings_become_a_reader() -> None:
    entry = {"kind": "rfid", "make": "llrp", "name": "gate", "host": "10.0.0.7", "inventory": {"antennas": [1, 2]}}

    reader = open_llrp(LlrpSettings.model_validate_json(json.dumps(entry)))

    assert reader.port.address == "10.0.0.7:5084"
    assert reader.inventory.antennas == (1, 2)
