"""Another broker that the store uses instead of ours; who may what is set up there."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiomqtt

from edge.broker.link import RECEIPT_BYTES_MAX, RECEIPTS, BrokerAway, OnReceipt
from edge.broker.settings import Broker as BrokerSettings
from shared.workers import heeding_stops

TIMEOUT_S = 5.0
KEEP_ALIVE_S = 15
UNHEARD_MAX = 1_000  # receipts that came and were not looked at; what is dropped is sent, and answered, again
PORT, PORT_TLS = 1883, 8883


@dataclass(frozen=True, slots=True)
class ExternalBroker:
    """A connection to it."""

    client: aiomqtt.Client
    hearing: "asyncio.Task[None]"

    async def publish(self, topic: str, body: str, *, retained: bool = False) -> None:
        """Hand it to the broker, in quality 1: it arrived there when this returns. Raises BrokerAway."""
        try:
            with heeding_stops():
                await self.client.publish(topic, body.encode(), qos=1, retain=retained)
        except aiomqtt.MqttError as error:
            raise BrokerAway(problem=str(error)) from error

    def demand_open(self) -> None:
        """Raises BrokerAway once the connection is lost."""
        if self.hearing.done():
            raise BrokerAway(problem="the connection was lost")


@asynccontextmanager
async def open_external(
    settings: BrokerSettings, client_id: str, on_receipt: OnReceipt
) -> AsyncIterator[ExternalBroker]:
    """Be connected while the context is open. Raises BrokerAway when there is no connection.

    client_id: the same each time, so that the broker ends an earlier connection of ours.
    """
    address = urlsplit(settings.url or "")
    is_secure = address.scheme == "mqtts"
    try:
        client = aiomqtt.Client(
            address.hostname or "",
            address.port or (PORT_TLS if is_secure else PORT),
            identifier=client_id,
            username=unquote(address.username) if address.username else None,
            password=unquote(address.password) if address.password else None,
            keepalive=KEEP_ALIVE_S,
            timeout=TIMEOUT_S,
            max_queued_incoming_messages=UNHEARD_MAX,
            tls_context=ssl.create_default_context(cafile=settings.authority) if is_secure else None,
        )
        with heeding_stops():
            async with AsyncExitStack() as stack:
                with heeding_stops():
                    await stack.enter_async_context(client)
                    await client.subscribe(f"{RECEIPTS}+", qos=1)
                hearing = asyncio.create_task(_hear(client, on_receipt))
                try:
                    yield ExternalBroker(client, hearing)
                finally:
                    hearing.cancel()
                    await asyncio.wait([hearing])
    except (aiomqtt.MqttError, OSError) as error:
        raise BrokerAway(problem=str(error)) from error


async def _hear(client: aiomqtt.Client, on_receipt: OnReceipt) -> None:
    with suppress(aiomqtt.MqttError):
        async for message in client.messages:
            if isinstance(message.payload, bytes) and len(message.payload) <= RECEIPT_BYTES_MAX:
                on_receipt(message.topic.value.removeprefix(RECEIPTS), message.payload)
