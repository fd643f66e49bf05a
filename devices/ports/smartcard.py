"""A slot for smart cards, reached through PC/SC (pcscd and pyscard)."""

import contextlib
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from devices.errors import DeviceDisconnected, DriverMissing

State = Literal["empty", "present", "mute"]


class CardTorn(Exception):
    """The card did not answer, usually because it was pulled. Never leaves the driver."""


class Slot(Protocol):
    """A slot. It blocks, so it belongs to a thread of its own; only `wake` may be called from another."""

    @property
    def address(self) -> str:
        """The reader's name."""

    def open(self) -> None:
        """Reach the reader. Raises DeviceDisconnected, DriverMissing."""

    def wait(self, timeout_s: float) -> State | None:
        """Wait until something changes and return what is in the slot; the first call tells at once.

        None: nothing changed. A card that was swapped between two calls is a change. Raises DeviceDisconnected.
        """

    def connect(self) -> bytes:
        """Power the card and return its ATR. Raises CardTorn."""

    def transmit(self, apdu: bytes) -> bytes:
        """Send a command and return the response, status bytes last. Raises CardTorn."""

    def disconnect(self) -> None:
        """Leave the card alone. Does nothing without one."""

    def wake(self) -> None:
        """Make a `wait` in another thread return early."""

    def close(self) -> None:
        """Give the reader up. Closing twice does nothing."""


@dataclass(slots=True)
class PcscSlot:
    """A slot of a reader that pcscd knows.

    reader: part of the reader's name, which has its serial number where it has one; None takes the first. pyscard's
    own monitor threads end for good when pcscd restarts, so only its plain calls are used.
    """

    reader: str | None = None
    _context: Any = field(default=None, init=False)
    _name: str = field(default="", init=False)
    _state: int = field(default=0, init=False)  # as PC/SC told it last, with its counter of changes
    _atr: bytes = field(default=b"", init=False)
    _card: Any = field(default=None, init=False)
    _protocol: Any = field(default=None, init=False)

    @property
    def address(self) -> str:
        return self._name or self.reader or "any reader"

    def open(self) -> None:
        scard = library()
        self.close()
        result, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        self._demand(result)
        result, names = scard.SCardListReaders(self._context, [])
        self._demand(result)
        fitting = [name for name in names if self.reader is None or self.reader in name]
        if not fitting:
            raise DeviceDisconnected(address=self.address, problem="no such reader")
        self._name = fitting[0]
        self._state = scard.SCARD_STATE_UNAWARE

    def wait(self, timeout_s: float) -> State | None:
        scard = library()
        known = [(self._name, self._state)]
        result, states = scard.SCardGetStatusChange(self._context, round(timeout_s * 1000), known)
        if result in {scard.SCARD_E_TIMEOUT, scard.SCARD_E_CANCELLED}:
            return None
        self._demand(result)
        _, state, atr = states[0]
        if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE):
            raise DeviceDisconnected(address=self.address, problem="the reader is gone")
        before, self._state = self._state, state & ~scard.SCARD_STATE_CHANGED
        self._atr = bytes(atr)
        if state & scard.SCARD_STATE_MUTE:
            return "mute"
        if not state & scard.SCARD_STATE_PRESENT:
            return "empty"
        same_card = before >> 16 == state >> 16 and before & scard.SCARD_STATE_PRESENT
        return None if same_card else "present"  # another program's use of the card is a change, too

    def connect(self) -> bytes:
        scard = library()
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, self._card, protocol = scard.SCardConnect(
            self._context, self._name, scard.SCARD_SHARE_SHARED, protocols
        )
        if result != scard.SCARD_S_SUCCESS:
            self._card = None
            raise CardTorn(scard.SCardGetErrorMessage(result))
        self._protocol = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        return self._atr

    def transmit(self, apdu: bytes) -> bytes:
        scard = library()
        result, response = scard.SCardTransmit(self._card, self._protocol, list(apdu))
        if result != scard.SCARD_S_SUCCESS or len(response) < 2:
            raise CardTorn(scard.SCardGetErrorMessage(result))  # which may well say success
        return bytes(byte & 0xFF for byte in response)

    def disconnect(self) -> None:
        if self._card is not None:
            library().SCardDisconnect(self._card, library().SCARD_LEAVE_CARD)
            self._card = None

    def wake(self) -> None:
        context = self._context  # the other thread may be giving it up
        if context is not None:
            library().SCardCancel(context)

    def close(self) -> None:
        if self._context is not None:
            self.disconnect()
            library().SCardReleaseContext(self._context)
            self._context = None

    def _demand(self, result: int) -> None:
        scard = library()
        if result != scard.SCARD_S_SUCCESS:
            raise DeviceDisconnected(address=self.address, problem=scard.SCardGetErrorMessage(result))


def library() -> Any:
    """Return pyscard's plain calls. Raises DriverMissing."""
    with contextlib.suppress(ImportError):
        from smartcard import scard

        return scard
    raise DriverMissing(extra="pcsc")
