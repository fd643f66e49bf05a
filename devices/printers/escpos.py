"""Printers that speak ESC/POS: nearly all of them, over TCP port 9100, a serial line or USB."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeVar

import structlog
from pydantic import Field

from devices.errors import (
    DeviceDisconnected,
    DeviceRefused,
    DeviceSilent,
    OutcomeUnknown,
    PrinterCoverOpen,
    PrinterFault,
    PrinterOutOfPaper,
)
from devices.ports.port import Port
from devices.ports.serial import Flow, SerialPort
from devices.ports.tcp import TcpPort
from devices.ports.usb_printer import UsbPrinterPort
from devices.printers.escpos_render import TELL_CHANGES, EscposProfile, process_id, render, unprintable
from devices.printers.escpos_replies import ProcessDone, RealTimeStatus, Replies, Reply, RequestedStatus
from devices.printers.fonts import DEFAULT_FONTS, FontChain, package_for
from devices.printers.interface import PrinterStatus, PrintJob
from devices.printers.raster import BAND_BYTES_MAX
from shared.errors import Misconfigured
from shared.model.strict import Code, Name, Strict

log = structlog.get_logger()

ASK_REAL_TIME = b"\x10\x04"  # DLE EOT n: answered at once, also by a printer that stopped reading
ASK_IN_ORDER = b"\x1dr\x01"  # GS r 1: answered when everything before it is done
KICK_DRAWER = b"\x1bp\x00\x32\x32"  # ESC p: pin 2, 100 ms on, 100 ms off
CHUNK_BYTES = 1024  # the printer must take this many to count as making progress
# To a printer NULs mean nothing, except that they end a command that a lost link, or a daemon that was switched off,
# left half said: what follows would be taken for its rest. The first of them end its head, which tells its length,
# before any question could be taken for that; all of them are more than any command of ours has.
HEAD_BYTES_MAX = 8  # of GS v 0
NULS = bytes(HEAD_BYTES_MAX + BAND_BYTES_MAX)
LISTEN_S = 0.25  # who wants to print waits no longer for the turn
READY_ASKS = (1, 2, 4)  # printer, reason for being offline, paper sensor
QUIET_S = 0.05  # an answer that comes twice comes again within this time

AnyReply = TypeVar("AnyReply", bound=Reply)


class EscposPrinterSettings(Strict):
    """One ESC/POS printer of a node."""

    kind: Literal["printer"]
    make: Literal["escpos"]
    name: Code
    host: Name = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 9100
    path: Name | None = None  # instead of the network: an identity or a device file
    baud: Annotated[int, Field(ge=1_200, le=921_600)] | None = None  # for a serial line; without it the file is USB's
    flow: Flow = "rts_cts"  # of a serial line: how the printer says that its buffer is full
    columns: Literal[42, 32, 48] = 42
    profile: Code = "default"  # the model's name in python-escpos
    confirms: bool = True  # whether the model answers GS ( H
    # Files of fonts, asked in this order for what the printer's code pages lack; * stands for any letters, #n for the
    # nth face of a collection.
    fonts: Annotated[tuple[Name, ...], Field(max_length=50)] = DEFAULT_FONTS


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the driver waits for a printer, in seconds."""

    status_s: float = 2.0  # real-time answers come within milliseconds
    progress_s: float = 15.0  # for a chunk to be taken: a printer cools its head or cuts for seconds
    confirm_s: float = 15.0  # for the confirmation: 1 m of paper takes some 7 s


@dataclass(slots=True)
class EscposPrinter:
    """Opens the link when it is first needed and keeps it between jobs; drops it whenever an exchange fails."""

    port: Port
    profile: EscposProfile = field(default_factory=EscposProfile)
    confirms: bool = True
    patience: Patience = field(default_factory=Patience)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _replies: Replies | None = field(default=None, init=False)  # None while there is no link
    # Answers do not tell which question they belong to, so where some come twice each is waited out. Of a new link
    # nobody knows.
    _may_repeat: bool = field(default=True, init=False)

    # Whether the printer is known to wait for a command, and not for the rest of one.
    _is_aligned: bool = field(default=False, init=False)

    async def print_job(self, job: PrintJob) -> None:
        # On a thread: the first call loads the library (a quarter of a second), and images take milliseconds.
        content = await asyncio.to_thread(self._render, job)
        async with self._turn:
            await self._make_ready()
            await self._deliver(content if self.confirms else content + ASK_IN_ORDER, process_id(job.job_id))

    def _render(self, job: PrintJob) -> bytes:
        try:
            if letters := unprintable(job, self.profile):
                packages = sorted({package_for(letter[0]) for letter in letters})
                log.warning("letters_without_font", letters="".join(sorted(letters)), install=packages)
            return render(job, self.profile)
        except Misconfigured as problem:
            raise DeviceRefused(address=self.port.address, problem=problem.title) from problem

    async def status(self) -> PrinterStatus:
        async with self._turn:
            return await self._ask_status()

    async def changed(self) -> None:
        told = False
        while not told:
            # By turns with whoever wants to print or to ask: nothing was asked here, so a read that is given up
            # leaves no late answer behind.
            async with self._turn:
                told = self._replies is None or await self._hear(self._replies)

    async def _hear(self, replies: Replies) -> bool:
        """Listen for a moment; tells whether the printer said something, or went away."""
        try:
            return await self._hear_more(replies, LISTEN_S) and bool(replies.take())
        except DeviceDisconnected:
            await self._drop_link()
            return True

    async def kick_drawer(self) -> None:
        async with self._turn:
            await self._make_ready()
            await self._deliver(KICK_DRAWER + ASK_IN_ORDER, None)

    async def close(self) -> None:
        async with self._turn:
            await self._drop_link()

    async def _ask_status(self) -> PrinterStatus:
        """Also tells whether the link lives. A kept one that was lost meanwhile is made anew, once."""
        if self._replies:
            try:
                return await self._exchange_status()
            except DeviceDisconnected:
                pass
        return await self._exchange_status()

    async def _exchange_status(self) -> PrinterStatus:
        is_new = self._replies is None
        async with self._link():
            if is_new:
                await self.port.write(NULS[:HEAD_BYTES_MAX] + TELL_CHANGES, self.patience.status_s)
            elif await self._forget_unasked(0):
                self._may_repeat = True
            answers, unasked = [], 0
            for ask in READY_ASKS:
                async with self._within(self.patience.status_s):
                    await self.port.write(ASK_REAL_TIME + bytes([ask]), self.patience.status_s)
                    answers.append((await self._next(RealTimeStatus)).value)
                unasked += await self._forget_unasked(QUIET_S if self._may_repeat else 0)
            self._may_repeat = unasked > 0
        return read_status(*answers)

    async def _forget_unasked(self, quiet_s: float) -> int:
        """Drop what was said without a question, until the printer is quiet for so long. Returns how many answers."""
        assert self._replies is not None
        answers = 0
        async with self._within(self.patience.status_s + quiet_s):
            while True:
                answers += sum(isinstance(reply, RealTimeStatus) for reply in self._replies.take())
                if not await self._hear_more(self._replies, quiet_s):
                    return answers

    async def _hear_more(self, replies: Replies, within_s: float) -> bool:
        await asyncio.sleep(0)  # whatever has arrived is handed over
        try:
            async with asyncio.timeout(within_s):
                replies.feed(await self.port.read())
        except TimeoutError:
            return False
        return True

    async def _make_ready(self) -> None:
        """See that the printer can print, and that it will take what comes next for what it is."""
        refuse_unready(await self._ask_status())
        if not self._is_aligned:
            async with self._link():
                await self._send(NULS)
            self._is_aligned = True

    async def _send(self, content: bytes) -> None:
        for start in range(0, len(content), CHUNK_BYTES):
            await self.port.write(content[start : start + CHUNK_BYTES], self.patience.progress_s)

    async def _deliver(self, content: bytes, wanted_id: bytes | None) -> None:
        """Send all of it and wait for the confirmation. From the first byte on, trouble means OutcomeUnknown."""
        try:
            async with self._link():
                await self._send(content)
                async with self._within(self.patience.confirm_s):
                    if wanted_id and self.confirms:
                        while (await self._next(ProcessDone)).process_id != wanted_id:
                            pass
                    else:
                        await self._next(RequestedStatus)
        except (DeviceDisconnected, DeviceSilent) as lost:
            raise OutcomeUnknown(address=self.port.address, problem=lost.code) from lost

    async def _next(self, kind: type[AnyReply]) -> AnyReply:
        """Wait for the next reply of this kind; others are news nobody asked for."""
        assert self._replies is not None
        while True:
            for reply in self._replies.take():
                if isinstance(reply, kind):
                    return reply
            self._replies.feed(await self.port.read())

    @asynccontextmanager
    async def _link(self) -> AsyncIterator[None]:
        """A link for one exchange. Any way out but success drops it: a late answer would confirm the wrong thing."""
        async with AsyncExitStack() as on_failure:
            on_failure.push_async_callback(self._drop_link)
            if self._replies is None:
                await self.port.open()
                self._replies = Replies()
            yield
            on_failure.pop_all()

    @asynccontextmanager
    async def _within(self, limit_s: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(limit_s):
                yield
        except TimeoutError as late:
            raise DeviceSilent(address=self.port.address) from late

    async def _drop_link(self) -> None:
        self._replies, self._may_repeat, self._is_aligned = None, True, False
        await self.port.close()


def read_status(printer: int, offline_cause: int, paper: int) -> PrinterStatus:
    """Read the answers to DLE EOT 1, 2 and 4."""
    is_out = bool(paper & 0x60 or offline_cause & 0x20)
    return PrinterStatus(
        online=not printer & 0x08,
        paper="out" if is_out else "near_end" if paper & 0x0C else "ok",
        cover_open=bool(offline_cause & 0x04),
        error=bool(offline_cause & 0x40),
        drawer_open=bool(printer & 0x04),
    )


def refuse_unready(status: PrinterStatus) -> None:
    """Raise what a person has to see to before anything can be printed."""
    if status.cover_open:
        raise PrinterCoverOpen
    if status.paper == "out":
        raise PrinterOutOfPaper
    if status.error or not status.online:
        raise PrinterFault(problem="error" if status.error else "offline")


def port_of(settings: EscposPrinterSettings) -> Port:
    if settings.path is None:
        return TcpPort(settings.host, settings.port)
    return SerialPort(settings.path, settings.baud, settings.flow) if settings.baud else UsbPrinterPort(settings.path)


def open_printer(settings: EscposPrinterSettings) -> EscposPrinter:
    return EscposPrinter(
        port=port_of(settings),
        profile=EscposProfile(settings.profile, settings.columns, FontChain(settings.fonts)),
        confirms=settings.confirms,
    )
