"""A printer that a test or a demo holds: a TCP server that behaves like a receipt printer and keeps the paper."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Literal, Self

from devices.printers.escpos_commands import take_command
from devices.printers.paper import Paper
from devices.printers.printed import PrintedReceipt

# A printer that does not print takes this much and then stops reading.
BUFFER_BYTES_MAX = 4096
READ_BYTES_MAX = 1024
RECEIVE_BUFFER_BYTES = 16 * 1024  # the kernel's; less makes loopback crawl
LOOPBACK = "127.0.0.1"


@dataclass(eq=False, slots=True)
class Link:
    """One connection, what it sent and what is not printed yet."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    unprinted: bytearray = field(default_factory=bytearray)
    tail: bytes = b""  # the last two bytes, where a real-time command may have begun
    is_open: bool = True
    tells_changes: bool = False  # GS a was sent

    def say(self, reply: bytes) -> None:
        if self.is_open and not self.writer.transport.is_closing():
            self.writer.write(reply)

    def drop(self) -> None:
        self.is_open = False
        self.writer.transport.abort()


@dataclass(slots=True)
class VirtualPrinter:
    """Prints on `receipts`; listens at `host` and `port` inside `async with`, or from `power_on` to `power_off`.

    Real-time status requests are answered on arrival, whatever else is going on; everything else in order. It prints
    at once, but stops while paper is out or the cover is open, and reads no more when its buffer is full. Who asked
    for it (GS a) is told each change of state, until the next reset (ESC @).
    """

    columns: int = 42
    answers_process_ids: bool = True  # many cheaper models ignore GS ( H
    tells_changes: bool = True  # and some GS a
    repeats_after_s: float | None = None  # on a poor line each answer comes twice, the second time so much later
    host: str = LOOPBACK
    port: int = 0  # chosen at the first power_on
    receipts: list[PrintedReceipt] = field(default_factory=list, init=False)
    torn: list[PrintedReceipt] = field(default_factory=list, init=False)  # beginnings whose end never came
    drawer_kicks: int = field(default=0, init=False)
    paper: Literal["ok", "near_end", "out"] = field(default="ok", init=False)
    cover_is_open: bool = field(default=False, init=False)
    drawer_is_open: bool = field(default=False, init=False)
    _sheet: Paper = field(init=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _links: list[Link] = field(default_factory=list, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _may_read: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _has_room: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _trap: tuple[int, Callable[[], None]] | None = field(default=None, init=False)  # after so many bytes, do this

    def __post_init__(self) -> None:
        self._sheet = Paper(self.columns)
        self._may_read.set()

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
            self._server = await asyncio.start_server(self._serve, self.host, self.port, limit=READ_BYTES_MAX)
            # Connections inherit it: like a printer, it takes little that it does not read.
            self._server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            self.port = self._server.sockets[0].getsockname()[1]

    async def power_off(self) -> None:
        """Stop listening, drop every link, lose the buffer; what was half printed is torn."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        self.cut_link()
        self._links.clear()
        self._tear()
        self._sheet.reset()
        self._trap = None
        self.thaw()
        self._has_room.set()
        await asyncio.gather(*self._tasks)

    def paper_out(self) -> None:
        self.paper = "out"
        self._tell()

    def load_paper(self) -> None:
        self.paper = "ok"
        self._tell()
        self._print()

    def paper_near_end(self) -> None:
        self.paper = "near_end"
        self._tell()

    def cover_open(self) -> None:
        self.cover_is_open = True
        self._tell()

    def close_cover(self) -> None:
        self.cover_is_open = False
        self._tell()
        self._print()

    def close_drawer(self) -> None:
        self.drawer_is_open = False
        self._tell()

    def freeze(self, after_bytes: int = 0) -> None:
        """Hang: connections are accepted, nothing is read or answered. after_bytes: work on that many first."""
        self.after(after_bytes, self._may_read.clear)

    @property
    def is_frozen(self) -> bool:
        return not self._may_read.is_set()

    def thaw(self) -> None:
        self._may_read.set()

    def cut_link(self, after_bytes: int = 0) -> None:
        """Drop the connections; what was received is printed all the same. after_bytes: take that many first,
        status requests included."""
        self.after(after_bytes, self._drop_links)

    def _drop_links(self) -> None:
        for link in self._links:
            link.drop()
        self._has_room.set()

    def after(self, count: int, act: Callable[[], None]) -> None:
        """Do something when so many more bytes have arrived, in the middle of whatever they are."""
        if count:
            self._trap = (count, act)
        else:
            act()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        link = Link(reader, writer)
        self._links.append(link)
        try:
            await self._receive(link)
        except OSError:
            pass  # the other side went away; what it sent is printed all the same
        finally:
            link.drop()
            self._tasks.discard(task)
            self._print()

    async def _receive(self, link: Link) -> None:
        while link.is_open:
            while len(link.unprinted) >= BUFFER_BYTES_MAX and link.is_open:
                self._has_room.clear()
                await self._has_room.wait()
            await self._may_read.wait()
            data = await link.reader.read(READ_BYTES_MAX)
            if not data:
                return
            await self._may_read.wait()
            while data and link.is_open:
                count, act = self._trap or (len(data), None)
                now, data = data[:count], data[count:]
                self._take(link, now)
                if self._trap:
                    self._trap = (count - len(now), self._trap[1])
                    if act and count == len(now):
                        self._trap = None
                        act()
                        await self._may_read.wait()

    def _take(self, link: Link, data: bytes) -> None:
        seen = link.tail + data
        for start in range(len(seen) - 2):
            if seen[start : start + 2] == b"\x10\x04":
                self._answer(link, self._real_time_status(seen[start + 2]))
        link.tail = seen[-2:]
        link.unprinted += data
        self._print()

    def _print(self) -> None:
        """Work through everything received, link after link, as far as paper and cover allow."""
        for link in self._links:
            while self._can_print() and (command := take_command(link.unprinted)):
                self._do(link, command)
        self._links = [link for link in self._links if link.is_open or not self._can_print()]
        self._has_room.set()

    def _can_print(self) -> bool:
        return self.paper != "out" and not self.cover_is_open

    def _do(self, link: Link, command: bytes) -> None:
        match command[:2]:
            case b"\x1b@":
                self._tear()
                self._sheet.reset()
                link.tells_changes = False
            case b"\x1dV":
                self.receipts.append(self._sheet.tear(is_cut=True))
            case b"\x1d(" if command[2:3] == b"H":
                if self.answers_process_ids and command[5:7] == b"00":
                    self._finish(command[7:11].decode("latin-1"))
                    self._answer(link, b"\x37\x22" + command[7:11] + b"\x00")
            case b"\x1dr":
                self._finish(None)
                self._answer(link, bytes([{"ok": 0, "near_end": 3, "out": 12}[self.paper]]))
            case b"\x1bp":
                self.drawer_kicks += 1
                self.drawer_is_open = True
                self._tell()
            case b"\x1da":
                link.tells_changes = self.tells_changes and bool(command[2])
                self._tell(link)
            case b"\x10\x04" | b"\x10\x05":
                pass  # real-time commands were obeyed on arrival
            case _:
                self._sheet.print(command)

    def _finish(self, process_id: str | None) -> None:
        """The job ends here: an uncut sheet becomes a receipt, a cut one gets its job's id."""
        if not self._sheet.is_blank:
            self.receipts.append(self._sheet.tear(process_id=process_id))
        elif self.receipts and process_id and self.receipts[-1].process_id is None:
            self.receipts[-1] = replace(self.receipts[-1], process_id=process_id)

    def _tear(self) -> None:
        if not self._sheet.is_blank:
            self.torn.append(self._sheet.tear())

    def _answer(self, link: Link, reply: bytes) -> None:
        link.say(reply)
        if self.repeats_after_s is not None:
            asyncio.get_running_loop().call_later(self.repeats_after_s, link.say, reply)

    def _tell(self, *links: Link) -> None:
        """Send the automatic status to those who asked for it; a frozen printer tells nothing."""
        if self.is_frozen:
            return
        first = 0x10 | (0x08 if not self._can_print() else 0)
        first |= (0x04 if self.drawer_is_open else 0) | (0x20 if self.cover_is_open else 0)
        paper = {"ok": 0, "near_end": 0x03, "out": 0x0F}[self.paper]
        for link in links or self._links:
            if link.tells_changes:
                link.say(bytes([first, 0, paper, 0x0F]))

    def _real_time_status(self, n: int) -> bytes:
        """Answer DLE EOT n. Every answer has bits 1 and 4 set."""
        status = 0x12
        match n:
            case 1:
                status |= 0 if self._can_print() else 0x08
                status |= 0x04 if self.drawer_is_open else 0
            case 2:
                status |= 0x04 if self.cover_is_open else 0
                status |= 0x20 if self.paper == "out" else 0
            case 4:
                status |= {"ok": 0, "near_end": 0x0C, "out": 0x6C}[self.paper]
            case 3:
                pass
            case _:
                return b""
        return bytes([status])
