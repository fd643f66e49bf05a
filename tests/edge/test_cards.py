"""What happens at a card reader reaches the store and the lane."""

import asyncio
import json
from functools import partial

from devices.card_readers.ndef import UriRecord
from devices.card_readers.pcsc import PcscReader
from devices.card_readers.simulated import SimulatedCard, SimulatedSlot
from devices.supervision import BackOff, supervise
from edge.cards import read_cards
from edge.shop import Told
from tests.edge.small_shop import Till
from tests.world import until


async def test_cards_are_told_to_the_store_and_unreadable_ones_to_the_lane(till: Till) -> None:
    shop, slot = till.shop, SimulatedSlot(is_plugged=False)
    work = partial(read_cards, shop, "badges", "kiosk", PcscReader(slot))
    reading = asyncio.create_task(supervise("badges", "card_reader", work, shop.device_changed, BackOff(0.02, 0.1)))

    async def is_in(state: str) -> bool:
        return "badges" in shop.devices and shop.devices["badges"].state == state

    def cards() -> list[Told]:
        return [message for message in shop.told if message.topic == "store/T1/cards/badges"]

    async def has_told() -> bool:
        return bool(cards())

    async def has_trouble() -> bool:
        return shop.trouble("kiosk") is not None

    await until(partial(is_in, "failed"))
    slot.plug()
    await until(partial(is_in, "ready"))
    slot.insert(SimulatedCard(b"\x04\x01\x02\x03", 2, (UriRecord("https://example.com/1"),)))
    await until(has_told)
    slot.insert(SimulatedCard(b"\x04\x01\x02\x03", 2, pulled_after=0))
    await until(has_trouble)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    (told,) = cards()
    assert json.loads(told.body) == {"uid": "04010203", "texts": ["https://example.com/1"]}
    assert (await till.lane())["notice"]["code"] == "unreadable-card"
