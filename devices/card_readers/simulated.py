"""Cards and a reader that a test or a demo holds: the cards answer real APDUs, the reader behaves like a PC/SC slot."""

import threading
from dataclasses import dataclass, field
from typing import Literal

from devices.card_readers import ndef, tag
from devices.errors import DeviceDisconnected
from devices.ports.smartcard import CardTorn, State

# A contactless memory card, and a contactless processor card; PC/SC part 3.
ATR_TYPE_2 = bytes.fromhex("3B8F8001804F0CA0000003060300030000000068")
ATR_TYPE_4 = bytes.fromhex("3B8180018080")
FAILED, NOT_FOUND, WRONG = bytes.fromhex("6300"), bytes.fromhex("6A82"), bytes.fromhex("6D00")
NDEF_FILE = bytes.fromhex("E104")
TYPE_4_CHUNK = 59  # what small tags give at a time
SELECT, READ = b"\x00\xa4", b"\x00\xb0"
MEMORY_BYTES = 888  # of an NTAG216


@dataclass(slots=True)
class SimulatedCard:
    """A tag of NFC Forum type 2 or 4, or, with type None, a card that tells only its UID."""

    uid: bytes
    type: Literal[2, 4] | None = 2
    records: tuple[ndef.Record, ...] = ()
    is_mute: bool = False
    pulled_after: int | None = None  # answers so many commands, then it is gone
    answered: int = field(default=0, init=False)
    _file: bytes = field(default=b"", init=False)

    @property
    def atr(self) -> bytes:
        return ATR_TYPE_4 if self.type == 4 else ATR_TYPE_2

    def answer(self, apdu: bytes) -> bytes | None:
        """Return the response, or None once the card is pulled."""
        if self.pulled_after is not None and self.answered >= self.pulled_after:
            return None
        self.answered += 1
        if apdu == tag.GET_UID:
            return self.uid + tag.OK
        if self.type == 2 and apdu[:2] == b"\xff\xb0":
            start = int.from_bytes(apdu[2:4], "big") * tag.PAGE_BYTES
            pages = self._memory()[start : start + apdu[4]]
            return pages + tag.OK if pages else FAILED
        if self.type == 4:
            return self._answer_file(apdu)
        return WRONG if apdu[0] else FAILED

    def _answer_file(self, apdu: bytes) -> bytes:
        if apdu == tag.SELECT_NDEF_APPLICATION:
            return tag.OK
        if apdu[:2] == SELECT:
            message = ndef.render(self.records)
            files = {
                tag.CAPABILITY_FILE: b"\x00\x0f\x20" + TYPE_4_CHUNK.to_bytes(2, "big") + b"\x00\x36"
                + tag.NDEF_FILE_TLV + NDEF_FILE + (len(message) + 2).to_bytes(2, "big") + b"\x00\xff",
                NDEF_FILE: len(message).to_bytes(2, "big") + message,
            }  # fmt: skip
            self._file = files.get(apdu[5:7], b"")
            return tag.OK if self._file else NOT_FOUND
        if apdu[:2] == READ:
            start = int.from_bytes(apdu[2:4], "big")
            return self._file[start : start + min(apdu[4], TYPE_4_CHUNK)] + tag.OK
        return WRONG

    def _memory(self) -> bytes:
        message = ndef.render(self.records)
        length = bytes([len(message)]) if len(message) < ndef.LONG_LENGTH else b"\xff" + len(message).to_bytes(2, "big")
        head = self.uid.ljust(12, b"\x00") + bytes([tag.NDEF_MAGIC, 0x10, (MEMORY_BYTES - 16) // 8, 0])
        return (head + b"\x03" + length + message + b"\xfe").ljust(MEMORY_BYTES, b"\x00")


@dataclass(slots=True)
class SimulatedSlot:
    """A slot whose cards are put in and pulled from any thread."""

    is_plugged: bool = True
    _card: SimulatedCard | None = field(default=None, init=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False)
    _changes: int = field(default=0, init=False)
    _seen: int = field(default=-1, init=False)
    _is_woken: bool = field(default=False, init=False)

    @property
    def address(self) -> str:
        return "simulated"

    def insert(self, card: SimulatedCard) -> None:
        self._change(card, is_plugged=self.is_plugged)

    def pull(self) -> None:
        self._change(None, is_plugged=self.is_plugged)

    def unplug(self) -> None:
        """Take the reader away, as a restart of the service does, too."""
        self._change(self._card, is_plugged=False)

    def plug(self) -> None:
        self._change(self._card, is_plugged=True)

    def _change(self, card: SimulatedCard | None, *, is_plugged: bool) -> None:
        with self._changed:
            self._card, self.is_plugged = card, is_plugged
            self._changes += 1
            self._changed.notify_all()

    def open(self) -> None:
        self._demand_plugged()
        self._seen, self._is_woken = -1, False

    def wait(self, timeout_s: float) -> State | None:
        with self._changed:
            self._changed.wait_for(lambda: self._changes != self._seen or self._is_woken, timeout_s)
            self._demand_plugged()
            if self._changes == self._seen:
                return None
            self._seen = self._changes
            return "empty" if self._card is None else "mute" if self._card.is_mute else "present"

    def connect(self) -> bytes:
        if self._card is None:
            raise CardTorn
        return self._card.atr

    def transmit(self, apdu: bytes) -> bytes:
        response = self._card.answer(apdu) if self._card else None
        if response is None:
            raise CardTorn
        return response

    def disconnect(self) -> None:
        pass

    def wake(self) -> None:
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def close(self) -> None:
        pass

    def _demand_plugged(self) -> None:
        if not self.is_plugged:
            raise DeviceDisconnected(address=self.address, problem="unplugged")
