"""RFID tags at a reader, told to the store. A tag says what a thing is, not that it is paid: gates ask for that."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from devices.errors import DeviceError
from devices.rfid.interface import TagRead, TagReader, TagReads
from edge.shop import Shop
from shared import epc

TOLD_AT_ONCE_MAX = 100  # tags in one message, 40 kB at most; others have their turn before the next
GATHER_S = 0.05  # after telling: what is read meanwhile comes together, however small the reader's reports are
STOP_WAIT_S = 1.0  # for a reader that is told to look for no more tags


async def read_tags(shop: Shop, name: str, reader: TagReader, ready: Callable[[], None]) -> None:
    """Tell what a reader sees until it is lost; the caller supervises and calls again.

    What comes together is told together, so a storm of tags costs the broker and the screens a few messages.
    """
    await reader.open()
    try:
        await reader.start()
        ready()
        while True:
            seen = await reader.read()
            _count(shop, name, seen)
            shop.tapped(name, seen)  # and told all the same: the tags are there, whoever listens
            for start in range(0, len(seen.reads), TOLD_AT_ONCE_MAX):
                if shop.catalogue.is_ready:  # before that nobody knows the store's code
                    tags = [described(read) for read in seen.reads[start : start + TOLD_AT_ONCE_MAX]]
                    shop.tell(f"tags/{name}", {"tags": tags})
                await asyncio.sleep(0)
            await asyncio.sleep(GATHER_S)
    finally:
        with suppress(DeviceError, TimeoutError):
            async with asyncio.timeout(STOP_WAIT_S):
                await reader.stop()
        await reader.close()


def described(read: TagRead) -> dict[str, object]:
    """Return what is told of one tag; keys that do not apply are None. Distinct EPCs are decoded once."""
    tag = epc.decode(read.epc)
    return {
        "epc": epc.told(read.epc),
        "gtin14": tag.gtin14,
        "serial": tag.serial,
        "antenna": read.antenna,
        "rssi_cdbm": read.rssi_cdbm,
        "seen_count": read.seen_count,
    }


def _count(shop: Shop, name: str, seen: TagReads) -> None:
    metrics = shop.metrics
    metrics.tag_reads.labels(device=name).inc(sum(read.seen_count for read in seen.reads))
    metrics.tag_reads_dropped.labels(device=name).inc(seen.dropped)
    metrics.tag_reports_unreadable.labels(device=name).inc(seen.unreadable)
