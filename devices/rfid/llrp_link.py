"""A link to an LLRP reader: requests and their answers, signs of life, and the end of it noticed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from devices.errors import DeviceBusy, DeviceDisconnected, DeviceError, DeviceGarbled, DeviceRefused, DeviceSilent
from devices.ports.port import Port
from devices.rfid.llrp_codec import Message, MessageReader, MessageType, encode
from devices.rfid.llrp_messages import Attempt, Event, parse_event, parse_status

KEEPALIVES_MISSED_MAX = 3

ANSWERS = {
    MessageType.GET_READER_CAPABILITIES: MessageType.GET_READER_CAPABILITIES_RESPONSE,
    MessageType.GET_READER_CONFIG: MessageType.GET_READER_CONFIG_RESPONSE,
    MessageType.SET_READER_CONFIG: MessageType.SET_READER_CONFIG_RESPONSE,
    MessageType.ADD_ROSPEC: MessageType.ADD_ROSPEC_RESPONSE,
    MessageType.DELETE_ROSPEC: MessageType.DELETE_ROSPEC_RESPONSE,
    MessageType.ENABLE_ROSPEC: MessageType.ENABLE_ROSPEC_RESPONSE,
    MessageType.START_ROSPEC: MessageType.START_ROSPEC_RESPONSE,
    MessageType.STOP_ROSPEC: MessageType.STOP_ROSPEC_RESPONSE,
    MessageType.DELETE_ACCESSSPEC: MessageType.DELETE_ACCESSSPEC_RESPONSE,
    MessageType.ADD_ACCESSSPEC: MessageType.ADD_ACCESSSPEC_RESPONSE,
    MessageType.ENABLE_ACCESSSPEC: MessageType.ENABLE_ACCESSSPEC_RESPONSE,
    MessageType.CLOSE_CONNECTION: MessageType.CLOSE_CONNECTION_RESPONSE,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a reader."""

    answer_s: float = 5.0  # for the greeting and for an answer; setting up the radio takes some readers seconds
    keepalive_s: float = 5.0  # how often the reader shall give a sign of life
    goodbye_s: float = 0.5  # for the answer to our goodbye, which is a courtesy

    @property
    def silence_s(self) -> float:
        """After so long without a whole message the reader is dead, or the line half open: 15 s."""
        return KEEPALIVES_MISSED_MAX * self.keepalive_s


@dataclass(eq=False, slots=True)
class LlrpLink:
    """One connection, opened once. It is served by a task of its own, so that a slow consumer never makes us mute.

    on_reports: given the body of each report. on_overflow: told that the reader lost reports.
    on_end: told once why the link ended, unless it was closed here.
    """

    port: Port
    patience: Patience
    on_reports: Callable[[bytes], None]
    on_overflow: Callable[[], None]
    on_end: Callable[[Exception], None]
    _task: "asyncio.Task[None] | None" = field(default=None, init=False)
    _reason: Exception | None = field(default=None, init=False)  # why it ended
    _last_id: int = field(default=0, init=False)
    # What somebody waits for, by the request's id; 0 is the greeting. A reason of the end answers all of them.
    _answers: "dict[int, asyncio.Future[Message | Exception]]" = field(default_factory=dict, init=False)

    async def open(self) -> None:
        """Connect and wait for the reader's greeting. Raises what `TagReader.open` does."""
        await self.port.open()
        greeting = self._expect(0)
        self._task = asyncio.create_task(self._serve())
        attempt = parse_event((await self._answer(0, greeting)).body).get(Event.CONNECTION_ATTEMPT)
        if attempt in {Attempt.READER_HAS_A_CLIENT, Attempt.ANOTHER_CLIENT_IS_FIRST}:
            raise DeviceBusy(address=self.port.address)
        if attempt != Attempt.SUCCESS:
            raise DeviceRefused(address=self.port.address, problem=f"connection attempt ended with {attempt}")

    async def ask(self, request: MessageType, body: bytes = b"") -> bytes:
        """Send a request; return the body of its answer.

        Raises DeviceRefused with the reader's own words, DeviceSilent, or what ended the link.
        """
        self._last_id += 1
        id_ = self._last_id
        answer = self._expect(id_)
        await self._send(request, id_, body)
        message = await self._answer(id_, answer)
        status = parse_status(message.body)
        if status.code or message.type != ANSWERS[request]:
            problem = f"{request.name}: {status.text or f'status {status.code}'}"
            raise DeviceRefused(address=self.port.address, problem=problem)
        return message.body

    async def close(self) -> None:
        """Say goodbye to a reader that lives, and give the link up."""
        task, self._task = self._task, None
        try:
            if task and not self._reason:
                with suppress(DeviceError, TimeoutError):
                    async with asyncio.timeout(self.patience.goodbye_s):
                        await self.ask(MessageType.CLOSE_CONNECTION)
        finally:
            if task:
                task.cancel()
            await self.port.close()

    def _expect(self, id_: int) -> "asyncio.Future[Message | Exception]":
        answer = self._answers[id_] = asyncio.get_running_loop().create_future()
        if self._reason:
            answer.set_result(self._reason)
        return answer

    async def _answer(self, id_: int, answer: "asyncio.Future[Message | Exception]") -> Message:
        try:
            async with asyncio.timeout(self.patience.answer_s):
                outcome = await answer
        except TimeoutError as late:
            raise DeviceSilent(address=self.port.address) from late
        finally:
            del self._answers[id_]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _send(self, type_: MessageType, id_: int, body: bytes) -> None:
        await self.port.write(encode(Message(type_, id_, body)), self.patience.answer_s)

    async def _serve(self) -> None:
        """Take every message until the link ends; whatever ends it is told."""
        try:
            await self._take_all()
        except TimeoutError:
            self._finish(DeviceSilent(address=self.port.address))
        except Exception as reason:  # a mistake of ours, too: the consumer must not wait for ever
            self._finish(reason)

    async def _take_all(self) -> None:
        loop = asyncio.get_running_loop()
        messages = MessageReader()
        async with asyncio.timeout(self.patience.silence_s) as silence:
            while True:
                for message in messages.feed(await self.port.read()):
                    await self._take(message)
                    # Only whole messages are a sign of life: a length that lies would swallow all that follow.
                    silence.reschedule(loop.time() + self.patience.silence_s)

    async def _take(self, message: Message) -> None:
        match message.type:
            case MessageType.RO_ACCESS_REPORT:
                self.on_reports(message.body)
            case MessageType.KEEPALIVE:
                await self._send(MessageType.KEEPALIVE_ACK, message.id, b"")
            case MessageType.READER_EVENT_NOTIFICATION if 0 not in self._answers:
                events = parse_event(message.body)
                if Event.CONNECTION_CLOSE in events:
                    raise DeviceDisconnected(address=self.port.address, problem="closed by the reader")
                if Event.REPORT_BUFFER_OVERFLOW in events:
                    self.on_overflow()
            case MessageType.READER_EVENT_NOTIFICATION:
                self._settle(0, message)
            case _ if 0 in self._answers:
                raise DeviceGarbled(problem=f"message {message.type} before a greeting")
            case _:
                self._settle(message.id, message)

    def _settle(self, id_: int, outcome: Message | Exception) -> None:
        """Give somebody the answer; one that nobody waits for is late, or a vendor's own message."""
        answer = self._answers.get(id_)
        if answer and not answer.done():
            answer.set_result(outcome)

    def _finish(self, reason: Exception) -> None:
        self._reason = reason
        for id_ in self._answers:
            self._settle(id_, reason)
        self.on_end(reason)
