"""What a client may send after its CONNECT, byte for byte."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.broker.connect import Will
from edge.broker.soundness import FILTERS_AT_ONCE_MAX, is_sound
from tests.edge.broker.brokers import OpenBroker, ours
from tests.edge.broker.wire import connect, ended, length, publish, subscribe, wire

ID = b"\x00\x01"


def packet(first: int, body: bytes = b"") -> bytes:
    return bytes((first,)) + length(len(body)) + body


def text(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


SOUND = {
    "a message": publish("devices/reader/tags", b"x"),
    "of quality 1": publish("devices/reader/tags", b"", 1),
    "of quality 2": publish("devices/reader/tags", b"x" * 200, 2),
    "one that comes again": packet(0x3A, text(b"a") + ID),
    "acknowledgements": packet(0x40, ID),
    "received": packet(0x50, ID),
    "released": packet(0x62, ID),
    "complete": packet(0x70, ID),
    "two filters": subscribe("store/#", "devices/+/tags"),
    "as many filters as may come at once": subscribe(*(f"store/{number}" for number in range(FILTERS_AT_ONCE_MAX))),
    "no filter any more": packet(0xA2, ID + text(b"store/#")),
    "a ping": packet(0xC0),
    "a goodbye": packet(0xE0),
}
UNSOUND = {
    "a topic that is no UTF-8": packet(0x30, text(b"devices/reader/\xff")),
    "a topic with NUL, for which others leave the broker": packet(0x30, text(b"devices/reader/\x00")),
    "no topic": packet(0x30, text(b"") + b"x"),
    "a topic longer than its packet": packet(0x30, b"\xff\xffab"),
    "nothing at all": packet(0x30),
    "quality 3": packet(0x36, text(b"a") + ID),
    "number 0": packet(0x32, text(b"a") + b"\x00\x00"),
    "quality 1 without a number": packet(0x32, text(b"a")),
    "half a number": packet(0x40, b"\x00"),
    "more than a number": packet(0x40, ID + b"\x00"),
    "released with other flags": packet(0x60, ID),
    "no filter": packet(0x82, ID),
    "a filter without quality": packet(0x82, ID + text(b"store/#")),
    "a filter of quality 3": packet(0x82, ID + text(b"store/#") + b"\x03"),
    "an empty filter": packet(0x82, ID + text(b"") + b"\x00"),
    "filters under number 0": subscribe("store/#", packet_id=0),
    "too many filters": subscribe(*(f"store/{number}" for number in range(FILTERS_AT_ONCE_MAX + 1))),
    "filters with other flags": packet(0x80, ID + text(b"store/#") + b"\x00"),
    "no filter to leave": packet(0xA2, ID),
    "a ping with a body": packet(0xC0, b"x"),
    "a goodbye with a body": packet(0xE0, b"x"),
    "a second hello": packet(0x10, text(b"MQTT")),
    "what only brokers say": packet(0x20, b"\x00\x00"),
    "a kind that is reserved": packet(0xF0),
}


@pytest.mark.parametrize("what", SOUND)
def test_what_mqtt_allows_is_sound(what: str) -> None:
    assert is_sound(SOUND[what])


@pytest.mark.parametrize("what", UNSOUND)
def test_anything_else_is_not(what: str) -> None:
    assert not is_sound(UNSOUND[what])


@given(first=st.integers(0, 255), body=st.binary(max_size=300))
def test_no_bytes_are_too_strange(first: int, body: bytes) -> None:
    assert is_sound(packet(first, body)) in {True, False}


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[OpenBroker]:
    async with ours(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    "packet",
    [b"\x30\x04\x00\x02\xff\xffx", b"\x30\x00", b"\x36\x05\x00\x01a\x00\x01", b"\x30\x04\x00\x02a\x00"],
    ids=["no UTF-8", "no topic", "quality 3", "NUL"],
)
async def test_a_packet_that_is_not_mqtt_ends_its_connection_and_says_why(broker: OpenBroker, packet: bytes) -> None:
    async with wire(broker) as (reader, writer):
        writer.write(connect("reader") + packet)

        assert await ended(reader)

    assert broker.refusals == {"malformed": 1}


@pytest.mark.parametrize(
    "will", [Will("devices/reader/x", b"gone", 3), Will("devices/reader/\x00", b"gone", 0)], ids=["quality 3", "NUL"]
)
async def test_a_will_that_is_not_mqtt_is_sent_away(broker: OpenBroker, will: Will) -> None:
    async with wire(broker) as (reader, writer):
        writer.write(connect("reader", will=will))

        assert await reader.read() == b""

    assert broker.refusals == {"malformed": 1}
