"""What lies on a scale, told to the store: each new settled weight on the broker, and whether the scale works."""

import asyncio
from collections.abc import Callable

from devices.scales.interface import Scale, Weight
from edge.shop import Shop

LOOK_EVERY_S = 0.5  # a person puts something down and looks up


async def keep_weighing(shop: Shop, name: str, scale: Scale, ready: Callable[[], None]) -> None:
    """Read a scale until a DeviceError; the caller supervises and calls again."""
    told: Weight | None = None
    try:
        while True:
            reading = await scale.read()
            ready()
            if reading.is_stable and reading.net and reading.net != told and shop.catalogue.is_ready:
                told = reading.net
                body: dict[str, object] = {
                    "net": str(reading.net),
                    "grams": reading.net.grams,
                    "tare": str(reading.tare) if reading.tare else None,
                    "at": reading.at.isoformat(),
                }
                shop.tell(f"scales/{name}", body)
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        await scale.close()
