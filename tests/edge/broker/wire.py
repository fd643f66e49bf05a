"""A client in bytes, for what no stock client would send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from edge.broker.connect import Connect, Will, render
from tests.edge.broker.brokers import SECRETS, OpenBroker

ACCEPTED, NOT_AUTHORISED = b"\x20\x02\x00\x00", b"\x20\x02\x00\x05"


@asynccontextmanager
async def wire(broker: OpenBroker) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


def connect(name: str, client_id: str = "c", keep_alive_s: int = 0, will: Will | None = None) -> bytes:
    """Return a CONNECT with the user's secret."""
    packet = render(Connect(client_id, name, None, keep_alive_s, will))
    secret = SECRETS[name].encode()
    body = bytearray(packet[2:])
    body[7] |= 0x40
    body += len(secret).to_bytes(2, "big") + secret
    return bytes((packet[0], len(body))) + body


def subscribe(*filters: str, packet_id: int = 1, quality: int = 1) -> bytes:
    payload = b"".join(len(text).to_bytes(2, "big") + text.encode() + bytes((quality,)) for text in filters)
    return b"\x82" + length(2 + len(payload)) + packet_id.to_bytes(2, "big") + payload


def publish(topic: str, payload: bytes, quality: int = 0, packet_id: int = 1, *, retained: bool = False) -> bytes:
    number = packet_id.to_bytes(2, "big") if quality else b""
    body = len(topic).to_bytes(2, "big") + topic.encode() + number + payload
    return bytes((0x30 | quality << 1 | retained,)) + length(len(body)) + body


def length(value: int) -> bytes:
    encoded = bytearray()
    while True:
        value, low = divmod(value, 128)
        encoded.append(low | 128 if value else low)
        if not value:
            return bytes(encoded)


async def ended(reader: asyncio.StreamReader, within_s: float = 5.0) -> bool:
    """Tell whether the broker closes the connection."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            with suppress(ConnectionError):
                while await reader.read(65536):
                    pass
            return True
    return False
