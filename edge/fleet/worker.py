"""Writes into the journal how this node's devices are doing."""

from collections import defaultdict

from edge.fleet.devices import DeviceLife
from edge.shop import DEVICES, Shop
from shared.events.devices import DeviceChange
from shared.workers import happens

LOOK_EVERY_S = 60.0  # a state that had to wait for its hour is written down this much later at most


async def keep_recording(shop: Shop) -> None:
    """Record changes of devices for as long as the daemon runs."""
    lives: defaultdict[str, DeviceLife] = defaultdict(DeviceLife)
    with shop.hub.watching(DEVICES) as changed:
        while True:
            changed.clear()
            facts = due(shop, lives)
            if facts:
                await shop.db.transact(shop.record, *facts)
                shop.entry_written(len(facts))
            await happens(changed, within_s=LOOK_EVERY_S)


def due(shop: Shop, lives: defaultdict[str, DeviceLife]) -> list[DeviceChange]:
    """Return what is to be written down now."""
    now_s = shop.clock.monotonic_s()
    return [
        lives[name].write(state, shop.device_changes[name], now_s)
        for name, state in shop.devices.items()
        if lives[name].is_due(state, now_s)
    ]
