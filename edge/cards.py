"""Cards at a reader, told to the store. A UID is an identifier and opens nothing: anybody can copy it."""

from collections.abc import Callable

from devices.card_readers.interface import Card, CardReader
from devices.card_readers.ndef import TextRecord
from edge.shop import Shop


async def read_cards(shop: Shop, name: str, lane: str, reader: CardReader, ready: Callable[[], None]) -> None:
    """Tell every card of a reader until it is lost; the caller supervises and calls again.

    While somebody tries the reader out, its cards are shown to them and told to nobody else.
    """
    await reader.open()
    try:
        ready()
        while True:
            card = await reader.read()
            if shop.tapped(name, card):
                continue
            if not isinstance(card, Card):
                shop.scan_failed(lane, card)
            elif shop.catalogue.is_ready:
                texts = [each.text if isinstance(each, TextRecord) else each.uri for each in card.records]
                shop.tell(f"cards/{name}", {"uid": card.uid, "texts": texts})
    finally:
        await reader.close()
