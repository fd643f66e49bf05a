"""A client of an MQTT broker, the store's own or another: some devices are reached through one."""

import asyncio
import logging
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from devices.errors import DeviceDisconnected, DeviceRefused, DeviceUntrusted
from devices.ports.tls import trusting
from shared.workers import heeding_stops

if TYPE_CHECKING:
    import aiomqtt

# Messages that arrived and are not received yet: a second and a half of a storm. The newest are kept.
WAITING_MAX = 10_000
KEEPALIVE_S = 5  # without a word from the broker for twice as long the link is given up
ANSWER_S = 3.0  # a broker in the same shop answers within milliseconds or is away

log = logging.getLogger(__name__)


class Received(NamedTuple):
    topic: str
    payload: bytes


class Inbox(asyncio.Queue["aiomqtt.Message"]):
    """Keeps the newest messages, and counts the others."""

    dropped = 0

    def put_nowait(self, item: "aiomqtt.Message") -> None:
        if self.full():
            self.get_nowait()
            self.dropped += 1
        super().put_nowait(item)


@dataclass(slots=True)
class MqttPort:
    """Delivers at most once (QoS 0): a tag is read again, and a late read is worse than none."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    certificate: Path | None = None  # whom to trust; None: no TLS
    _client: "aiomqtt.Client | None" = field(default=None, init=False)
    _inbox: Inbox = field(default_factory=Inbox, init=False)

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    async def open(self) -> None:
        """Connect to the broker. Raises DeviceDisconnected, DeviceRefused for a wrong user, DeviceUntrusted."""
        import ssl

        import aiomqtt
        from aiomqtt.exceptions import MqttConnectError

        await self.close()
        inbox = self._inbox = Inbox(WAITING_MAX)
        try:
            context = trusting(self.certificate) if self.certificate else None
        except OSError as problem:
            raise DeviceUntrusted(address=self.address, problem=str(problem)) from problem
        # A fresh client for each link: one that was lost keeps its state.
        client = aiomqtt.Client(
            self.host,
            self.port,
            username=self.user,
            password=self.password,
            tls_context=context,
            keepalive=KEEPALIVE_S,
            timeout=ANSWER_S,
            logger=log,
            queue_type=cast("type[asyncio.Queue[aiomqtt.Message]]", lambda maxsize: inbox),
            # Small packets would wait for the acknowledgement of the last ones: 24 messages a second instead of 2,200.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        try:
            with heeding_stops():
                await client.__aenter__()
                self._client = client
        except MqttConnectError as problem:
            raise DeviceRefused(address=self.address, problem=str(problem)) from problem
        except aiomqtt.MqttError as problem:
            if isinstance(problem.__context__, ssl.SSLCertVerificationError):
                raise DeviceUntrusted(address=self.address, problem=str(problem)) from problem
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem

    async def subscribe(self, topic: str) -> None:
        """Receive what is published under a topic from now on. Raises DeviceDisconnected."""
        import aiomqtt

        try:
            with heeding_stops():
                await self._opened().subscribe(topic)
        except aiomqtt.MqttError as problem:
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem

    async def unsubscribe(self, topic: str) -> None:
        import aiomqtt

        try:
            with heeding_stops():
                await self._opened().unsubscribe(topic)
        except aiomqtt.MqttError as problem:
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem

    async def publish(self, topic: str, payload: bytes) -> None:
        """Return when the message is on its way. Raises DeviceDisconnected."""
        import aiomqtt

        try:
            with heeding_stops():
                await self._opened().publish(topic, payload)
        except aiomqtt.MqttError as problem:
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem

    async def receive(self) -> tuple[list[Received], int]:
        """Wait for messages; return all that are there, and how many were lost since nobody received them in time.

        Raises DeviceDisconnected when the link is lost. For one task alone, to the end of the link.
        """
        import aiomqtt

        try:
            messages = [await anext(self._opened().messages)]
        except aiomqtt.MqttError as problem:
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem
        while not self._inbox.empty():
            messages.append(self._inbox.get_nowait())
        dropped, self._inbox.dropped = self._inbox.dropped, 0
        return [Received(message.topic.value, message.payload) for message in messages], dropped

    async def close(self) -> None:
        """Give the link up. Closing twice does nothing."""
        import aiomqtt

        client, self._client = self._client, None
        if client:
            with heeding_stops(), suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)

    def _opened(self) -> "aiomqtt.Client":
        if self._client is None:
            raise DeviceDisconnected(address=self.address, problem="closed")
        return self._client
