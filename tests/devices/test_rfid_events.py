"""Reads in JSON, of Impinj's and Zebra's readers, and what the two drivers that take them do besides."""

import asyncio
import gc
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import DeviceDisconnected, DeviceRefused, DeviceUntrusted
from devices.ports.mqtt import WAITING_MAX, Inbox, MqttPort
from devices.rfid.impinj import ImpinjReader, ImpinjSettings, LineReader, inventory_request, open_impinj
from devices.rfid.interface import Inventory, TagRead
from devices.rfid.json_events import PAYLOAD_BYTES_MAX, RENDER, Dialect, parse_events
from devices.rfid.mqtt_reader import MqttSettings, open_mqtt
from devices.rfid.simulated_impinj import SimulatedImpinj
from edge.demo.daemons import free_port
from tests.devices.brokers import LOOPBACK, amqtt, mosquitto
from tests.devices.certificates import self_signed

BARE = TagRead(b"", 0, None, None, None)
TAG = TagRead(bytes.fromhex("30740242201d8840000003e8"), 1, -4_100, 1_772_126_017_000_001, 1_772_126_017_000_001)


def recorded() -> Iterator[Any]:
    for make in ("impinj", "zebra"):
        file = json.loads((Path(__file__).parent / f"frames/rfid/{make}.json").read_text())
        for frame in file["frames"]:
            yield pytest.param(file["dialect"], frame, id=f"{make}: {frame['about']}")


@pytest.mark.parametrize(("dialect", "frame"), list(recorded()))
def test_recorded_events_are_read(dialect: Dialect, frame: dict[str, Any]) -> None:
    reads, unreadable = parse_events(frame["text"].encode(), dialect)

    assert unreadable == frame["unreadable"]
    assert reads == [
        BARE._replace(**expected | {key: bytes.fromhex(expected[key]) for key in ("epc", "tid") if key in expected})
        for expected in frame["reads"]
    ]


@pytest.mark.parametrize("dialect", ["impinj", "zebra"])
@pytest.mark.parametrize("tag", [BARE, TAG, TAG._replace(tid=b"\xe2\x80\x11\x60")])
def test_what_is_rendered_is_read_again(dialect: Dialect, tag: TagRead) -> None:
    assert parse_events(RENDER[dialect](tag), dialect) == ([tag], 0)


@given(st.binary(max_size=200) | st.recursive(st.text() | st.integers() | st.none(), st.lists).map(json.dumps))
@settings(max_examples=200, deadline=None)
def test_no_payload_at_all_raises(payload: bytes | str) -> None:
    data = payload.encode() if isinstance(payload, str) else payload
    for dialect in RENDER:
        for wrapped in (data, b'{"tagInventoryEvent": %b, "data": %b}' % (data, data)):
            parse_events(wrapped, dialect)


def test_a_payload_that_is_too_long_is_not_even_looked_at() -> None:
    assert parse_events(b"[" * (PAYLOAD_BYTES_MAX + 1), "impinj") == ([], 1)


@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_lines_are_found_however_they_were_cut(size: int) -> None:
    stream = b'{"a": 1}\r\n\n\r\n{"b": 2}\nunfinished'
    reader = LineReader()

    found = [line.strip() for at in range(0, len(stream), size) for line in reader.feed(stream[at : at + size])]

    assert found == [b'{"a": 1}', b'{"b": 2}']


def test_a_line_without_an_end_is_given_up_once_and_the_next_is_read() -> None:
    reader = LineReader()
    found = [line for _ in range(16) for line in reader.feed(b"x" * 65_536)]  # 1 MiB
    longest = len(reader._unfinished)
    found += reader.feed(b"the end\nnext\n")

    assert [parse_events(line, "impinj") for line in found[:-1]] == [([], 1)]
    assert found[-1] == b"next"
    assert longest <= PAYLOAD_BYTES_MAX


def impinj(table: SimulatedImpinj, certificate: Path | None = None, password: str = "impinj") -> ImpinjReader:
    return ImpinjReader(
        table.host, table.port, "root", password, certificate, Inventory(antennas=(1, 4), reads_tid=True)
    )


async def test_an_impinj_reader_is_told_what_to_look_for() -> None:
    async with SimulatedImpinj() as table:
        table.is_reading = True  # somebody else started it: it would answer 409
        reader = impinj(table)
        await reader.open()
        await reader.start()
        await reader.close()

    assert table.request == inventory_request(reader.inventory)
    assert [look["antennaPort"] for look in table.request["antennaConfigs"]] == [1, 4]
    assert {look["fastId"] for look in table.request["antennaConfigs"]} == {"enabled"}


async def test_a_wrong_password_is_refused_in_the_readers_words() -> None:
    async with SimulatedImpinj() as table:
        with pytest.raises(DeviceRefused, match="wrong user or password"):
            await impinj(table, password="guess").open()


async def test_an_impinj_reader_proves_itself_by_its_pinned_certificate(tmp_path: Path) -> None:
    certificate, context = self_signed(tmp_path, "gate")
    other, _ = self_signed(tmp_path, "other")
    async with SimulatedImpinj(tls=context) as table:
        reader = impinj(table, certificate)
        await reader.open()
        await reader.start()
        await table.show([TAG])
        assert (await reader.read()).reads == (TAG,)
        await reader.close()

        for wrong in (other, tmp_path / "gone.pem"):
            with pytest.raises(DeviceUntrusted):
                await impinj(table, wrong).open()


async def test_a_stream_that_ends_by_itself_is_a_lost_link() -> None:
    async with SimulatedImpinj() as table:
        reader = impinj(table)
        await reader.open()
        await reader.start()
        await table.power_off()
        with pytest.raises(DeviceDisconnected):
            await reader.read()
        await reader.close()


async def test_a_broker_that_does_not_know_the_user_refuses(tmp_path: Path) -> None:
    async with mosquitto(port := free_port(0), "allow_anonymous false"):
        with pytest.raises(DeviceRefused, match="uthori"):
            await MqttPort(LOOPBACK, port, "gate", "guess").open()


# paho leaves the socket of a refused handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
async def test_a_broker_proves_itself_by_its_pinned_certificate(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path, "broker")
    other, _ = self_signed(tmp_path, "other")
    tls = f"certfile {certificate}\nkeyfile {certificate.with_suffix('.key')}\nallow_anonymous true"
    async with mosquitto(port := free_port(0), tls):
        trusting = MqttPort(LOOPBACK, port, certificate=certificate)
        await trusting.open()
        await trusting.close()
        with pytest.raises(DeviceUntrusted):
            await MqttPort(LOOPBACK, port, certificate=other).open()
    gc.collect()


async def test_messages_that_nobody_receives_give_way_to_newer_ones() -> None:
    inbox = Inbox(WAITING_MAX)
    for number in range(WAITING_MAX + 3):
        inbox.put_nowait(aiomqtt.Message(aiomqtt.Topic("gate"), b"%d" % number, 0, False, 0, None))

    assert inbox.get_nowait().payload == b"3"
    assert (inbox.dropped, inbox.qsize()) == (3, WAITING_MAX - 1)


async def test_a_port_is_woken_when_its_broker_goes() -> None:
    port = free_port(0)
    listener = MqttPort(LOOPBACK, port)
    async with amqtt(port):
        await listener.open()
        receiving = asyncio.create_task(listener.receive())
        await asyncio.sleep(0.05)
    with pytest.raises(DeviceDisconnected):
        await receiving
    for late in (listener.publish, lambda topic, _: listener.subscribe(topic)):
        with pytest.raises(DeviceDisconnected):
            await partial(late, "gate", b"")()
    await listener.close()


def test_settings_become_readers() -> None:
    entry = {"kind": "rfid", "name": "gate", "host": "10.0.0.7"}
    more = {"make": "impinj", "certificate": "gate.pem", "password": "secret"}
    reader = open_impinj(ImpinjSettings.model_validate_json(json.dumps(entry | more)))
    assert (reader.address, reader.user, reader.certificate) == ("10.0.0.7:443", "root", Path("gate.pem"))

    heard = open_mqtt(MqttSettings.model_validate(entry | {"make": "mqtt", "dialect": "zebra", "topic": "store/gate"}))
    assert (heard.port.address, heard.topic, heard.dialect) == ("10.0.0.7:1883", "store/gate", "zebra")
