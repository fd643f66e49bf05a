"""Card readers at PC/SC: nearly every USB reader, with contacts or without."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from devices.card_readers.interface import Card
from devices.card_readers.tag import read_card
from devices.errors import DeviceDisconnected, DeviceGarbled, UnreadableCard
from devices.ports.smartcard import CardTorn, PcscSlot, Slot
from shared.model.strict import Code, Name, Strict

WATCH_S = 1.0  # how long the watching thread waits at a time
UNREAD_CARDS_MAX = 16  # a person who puts on more than nobody reads is not waiting for the first any more
STOP_S = 5.0  # a card that is just being read is read to its end

Event = Card | UnreadableCard | Exception  # what ended the watching: a DeviceError, or a mistake of ours


class PcscReaderSettings(Strict):
    """One card reader of a node."""

    kind: Literal["card_reader"]
    make: Literal["pcsc"]
    name: Code
    lane: Code = "kiosk"  # whose people are told when a card cannot be read
    reader: Name | None = None  # part of its PC/SC name, its serial number for one; without it, the first


@dataclass(slots=True)
class PcscReader:
    """Watches a slot from a thread, because PC/SC only blocks. Each `open` has its own thread and forgets the last."""

    slot: Slot
    _events: deque[Event] = field(default_factory=lambda: deque(maxlen=UNREAD_CARDS_MAX), init=False)
    _has_event: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _watch: "Watch | None" = field(default=None, init=False)

    async def open(self) -> None:
        await self.close()
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = loop.create_future()
        watch = Watch(self.slot, loop.call_soon_threadsafe)
        self._events.clear()
        self._has_event.clear()
        self._watch = watch
        watch.start(partial(_settle, opened), partial(self._take, watch))
        try:
            await opened
        except BaseException:
            await self.close()
            raise

    async def read(self) -> Card | UnreadableCard:
        while not self._events:
            if self._watch is None:
                raise DeviceDisconnected(address=self.slot.address, problem="closed")
            self._has_event.clear()
            await self._has_event.wait()
        event = self._events.popleft()
        if isinstance(event, Card | UnreadableCard):
            return event
        self._events.append(event)  # nothing comes after it
        raise event

    async def close(self) -> None:
        watch, self._watch = self._watch, None
        self._has_event.set()
        if watch:
            await asyncio.to_thread(watch.stop)

    def _take(self, watch: "Watch", event: Event) -> None:
        if watch is self._watch:
            self._events.append(event)
            self._has_event.set()


def _settle(opened: "asyncio.Future[None]", problem: Exception | None) -> None:
    if not opened.done():
        if problem:
            opened.set_exception(problem)
        else:
            opened.set_result(None)


@dataclass(slots=True)
class Watch:
    """The thread that waits for cards.

    hand_over: calls something in the event loop; raises RuntimeError when there is none any more.
    """

    slot: Slot
    hand_over: Callable[..., object]
    _is_stopped: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def start(self, on_open: Callable[[Exception | None], None], on_event: Callable[[Event], None]) -> None:
        """on_open: told once whether the slot could be opened. on_event: told cards, and at last what ended it."""
        self._thread = threading.Thread(target=self._run, args=(on_open, on_event), name="cards", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Wait until the thread has ended."""
        assert self._thread is not None
        self._is_stopped.set()
        self.slot.wake()
        self._thread.join(STOP_S)

    def _run(self, on_open: Callable[[Exception | None], None], on_event: Callable[[Event], None]) -> None:
        try:
            self.slot.open()
            self._tell(on_open, None)
            while not self._is_stopped.is_set():
                state = self.slot.wait(WATCH_S)
                if state == "present":
                    self._tell(on_event, self._read())
                elif state == "mute":
                    self._tell(on_event, UnreadableCard(problem="mute"))
        except Exception as problem:  # a thread that ends in silence would leave its reader waiting for ever
            self._tell(on_open, problem)
            self._tell(on_event, problem)
        finally:
            self.slot.close()

    def _tell(self, whom: Callable[..., None], what: Event | None) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop has ended
            self.hand_over(whom, what)

    def _read(self) -> Card | UnreadableCard:
        try:
            return read_card(self.slot.connect(), self.slot.transmit)
        except (CardTorn, DeviceGarbled) as problem:
            return UnreadableCard(problem=str(problem))
        finally:
            self.slot.disconnect()


def open_pcsc_reader(settings: PcscReaderSettings) -> PcscReader:
    return PcscReader(PcscSlot(settings.reader))
