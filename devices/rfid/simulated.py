"""An LLRP reader that a test or a demo holds: a TCP server that behaves like one, and can be told to misbehave."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from struct import Struct
from types import TracebackType
from typing import Self

from devices.errors import DeviceGarbled
from devices.rfid import llrp_messages as bodies
from devices.rfid.interface import TagRead
from devices.rfid.llrp_codec import HEADER, Message, MessageReader, MessageType, encode, parameters
from devices.rfid.llrp_link import ANSWERS
from devices.rfid.llrp_messages import Attempt, Event, Part, Status
from devices.rfid.llrp_reports import render_reports
from shared.clock import Clock, SystemClock

LOOPBACK = "127.0.0.1"
READ_BYTES_MAX = 4096
POWER_STEPS_CDBM = {index: 1_000 + 25 * index for index in range(1, 82)}  # 10.25 to 30.25 dBm
UNKNOWN_MESSAGE = 109  # a status: the reader does not know this type of message
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEEPALIVE_BODY = Struct(">BI")  # periodic or not, milliseconds


@dataclass(eq=False, slots=True)
class Client:
    """One connection."""

    writer: asyncio.StreamWriter
    keepalive: "asyncio.Task[None] | None" = None
    unacknowledged: int = 0  # keepalives
    dripping: "asyncio.Task[None] | None" = None
    undripped: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> None:
        if not self.writer.transport.is_closing():
            self.writer.write(data)

    def drip(self, data: bytes) -> None:
        """Send every byte by itself, giving the other side time to read it alone."""
        self.undripped += data
        if self.dripping is None or self.dripping.done():
            self.dripping = asyncio.create_task(self._drip())

    async def _drip(self) -> None:
        while self.undripped:
            self.write(bytes(self.undripped[:1]))
            del self.undripped[:1]
            await asyncio.sleep(0)

    def drop(self) -> None:
        for task in (self.keepalive, self.dripping):
            if task:
                task.cancel()
        self.writer.transport.abort()


@dataclass(slots=True)
class SimulatedReader:
    """Has one client, and reports what comes before its antennas while an inventory is running.

    It listens at `host` and `port` inside `async with`, or from `power_on` to `power_off`.
    """

    antennas: int = 4
    identity: bytes = bytes.fromhex("001625fffe000001")
    host: str = LOOPBACK
    port: int = 0  # chosen at the first power_on
    tls: ssl.SSLContext | None = None
    is_taken: bool = False  # by another program
    is_mute: bool = False  # says nothing any more, as if somebody had pulled the cable
    splits: bool = False  # sends every byte by itself
    clock: Clock = field(default_factory=SystemClock)
    more: bytes = b""  # parameters added to every tag report, as vendors do
    is_reading: bool = field(default=False, init=False)
    heard: Counter[int] = field(default_factory=Counter, init=False)  # messages of the client by type
    rospec: bytes = field(default=b"", init=False)  # how the client wants tags to be looked for
    _refused: dict[MessageType, Status] = field(default_factory=dict, init=False)
    _client: Client | None = field(default=None, init=False)
    _joined: bytearray | None = field(default=None, init=False)  # what is held back, to be sent as one
    _server: asyncio.Server | None = field(default=None, init=False)
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set, init=False)

    async def __aenter__(self) -> Self:
        await self.power_on()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.power_off()

    async def power_on(self) -> None:
        """Listen, at the same port as before."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._serve, self.host, self.port, limit=READ_BYTES_MAX, ssl=self.tls
            )
            self.port = self._server.sockets[0].getsockname()[1]

    async def power_off(self) -> None:
        """Stop listening, drop the client, forget what it set up."""
        if self._server:
            self._server.close()
            self._server = None
        self.cut_link()
        self.is_reading = False
        await asyncio.gather(*self._tasks)

    async def show(self, tags: Iterable[TagRead], together: int = 1) -> None:
        """Bring tags before the antennas. They are reported while an inventory is running, else nobody sees them.

        together: how many go into one report. Returns when the network took all of it.
        """
        batch = list(tags)
        for start in range(0, len(batch), together):
            if not self.is_reading:
                return
            self._send(MessageType.RO_ACCESS_REPORT, 0, render_reports(batch[start : start + together], self.more))
            if self._client and not self.splits:
                await self._client.writer.drain()
            await asyncio.sleep(0)

    def lose_reports(self) -> None:
        """Say that the buffer of reports ran over."""
        self._tell(Event.REPORT_BUFFER_OVERFLOW, 0)

    def refuse(self, request: MessageType, status: Status) -> None:
        """Answer this request with an error from now on."""
        self._refused[request] = status

    def say_goodbye(self) -> None:
        """Announce that the link ends, as a reader does that is set up anew."""
        self._tell(Event.CONNECTION_CLOSE, 0)

    def join(self) -> None:
        """Hold back what is sent, until `release` sends it in one go."""
        self._joined = bytearray()

    def release(self) -> None:
        joined, self._joined = self._joined or bytearray(), None
        self._write(bytes(joined))

    def send_raw(self, data: bytes) -> None:
        """Send these very bytes."""
        self._write(data)

    def lie(self, length: int) -> None:
        """Send a report whose header tells this length."""
        self._write(HEADER.pack(HEADER.unpack(encode(Message(MessageType.RO_ACCESS_REPORT, 0, b"")))[0], length, 0))

    def cut_link(self) -> None:
        if self._client:
            self._client.drop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        client = Client(writer)
        try:
            if self.is_taken or self._client:
                self._tell(Event.CONNECTION_ATTEMPT, Attempt.ANOTHER_CLIENT_TRIED)
                self._tell(Event.CONNECTION_ATTEMPT, Attempt.ANOTHER_CLIENT_IS_FIRST, client)
                await writer.drain()
                writer.close()
                return
            self._client = client
            self._tell(Event.CONNECTION_ATTEMPT, Attempt.SUCCESS)
            await self._listen(client, reader)
        except (OSError, DeviceGarbled):
            pass  # a client that goes away, or that is none
        finally:
            client.drop()
            if self._client is client:
                self._client = None
                self.is_reading = False
            self._tasks.discard(task)

    async def _listen(self, client: Client, reader: asyncio.StreamReader) -> None:
        messages = MessageReader()
        while data := await reader.read(READ_BYTES_MAX):
            for message in messages.feed(data):
                self.heard[message.type] += 1
                self._obey(client, message)

    def _obey(self, client: Client, message: Message) -> None:
        """Do what a message says, and answer it."""
        answer = b""
        refused = None
        match message.type:
            case MessageType.KEEPALIVE_ACK:
                client.unacknowledged = 0
                return
            case type_ if type_ not in ANSWERS:
                status = Status(UNKNOWN_MESSAGE, "unknown message")
                self._send(MessageType.ERROR_MESSAGE, message.id, bodies.render_status(status))
                return
            case type_ if refused := self._refused.get(MessageType(type_)):
                pass
            case MessageType.GET_READER_CAPABILITIES:
                answer = bodies.render_capabilities(self.antennas, POWER_STEPS_CDBM)
            case MessageType.GET_READER_CONFIG:
                answer = bodies.render_identity(self.identity)
            case MessageType.SET_READER_CONFIG:
                self._set_keepalive(client, message.body)
            case MessageType.ADD_ROSPEC:
                self.rospec = message.body
            case MessageType.START_ROSPEC | MessageType.STOP_ROSPEC:
                self.is_reading = message.type == MessageType.START_ROSPEC
        answer = bodies.render_status(refused or Status(0, "")) + answer
        self._send(ANSWERS[MessageType(message.type)], message.id, answer)

    def _set_keepalive(self, client: Client, config: bytes) -> None:
        for parameter in parameters(config, start=1):  # behind the flags
            if parameter.type == Part.KEEPALIVE:
                _, period_ms = KEEPALIVE_BODY.unpack(parameter.body)
                if client.keepalive:
                    client.keepalive.cancel()
                client.keepalive = asyncio.create_task(self._keep_alive(client, period_ms / 1000))

    async def _keep_alive(self, client: Client, period_s: float) -> None:
        """Give signs of life; a client that acknowledges none of three is gone."""
        while client.unacknowledged < 3:
            await asyncio.sleep(period_s)
            client.unacknowledged += not self.is_mute
            self._send(MessageType.KEEPALIVE, 0, b"")
        client.writer.transport.abort()

    def _tell(self, event: Event, number: int, client: Client | None = None) -> None:
        now_us = (self.clock.now() - EPOCH) // timedelta(microseconds=1)
        body = bodies.render_event(event, number, now_us)
        self._send(MessageType.READER_EVENT_NOTIFICATION, 0, body, client)

    def _send(self, type_: MessageType, id_: int, body: bytes, client: Client | None = None) -> None:
        if not self.is_mute:
            self._write(encode(Message(type_, id_, body)), client)

    def _write(self, data: bytes, client: Client | None = None) -> None:
        client = client or self._client
        if self._joined is not None:
            self._joined += data
        elif client and self.splits:
            client.drip(data)
        elif client:
            client.write(data)
