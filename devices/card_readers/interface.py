"""What any card reader promises."""

from dataclasses import dataclass
from typing import Protocol

from devices.card_readers.ndef import Record
from devices.errors import UnreadableCard


@dataclass(frozen=True, slots=True)
class Card:
    """One card that was put on the reader."""

    # Hex, upper case; None when the card tells none. An identifier and no credential: anybody can make a card that
    # tells the same, and phones tell another at each touch.
    uid: str | None
    atr: str  # hex; what the reader says about the kind of card
    records: tuple[Record, ...]  # texts and addresses that are written on an NFC tag


class CardReader(Protocol):
    """A card reader. Each driver passes tests/devices/test_card_readers.py."""

    async def open(self) -> None:
        """Begin to watch. A card that lies there already counts as put on now.

        Raises DeviceDisconnected when the reader or its service is away, DriverMissing when its software is.
        """

    async def read(self) -> Card | UnreadableCard:
        """Wait for the next card, for as long as it takes. One that lies still is read once.

        A card that was pulled too early or does not answer is returned as UnreadableCard, and reading goes on.
        A cancelled read loses nothing. Raises DeviceDisconnected when the reader or its service is lost; then open
        again.
        """

    async def close(self) -> None:
        """Stop watching. Closing twice does nothing."""
