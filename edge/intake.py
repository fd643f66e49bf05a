"""From a scanner's frame to a basket on disk. A scan that cannot be used is told to the people at the lane."""

from collections.abc import Callable

from devices.scanners.interface import Scan, Scanner
from edge.baskets import service as baskets
from edge.shop import Shop
from shared.errors import ShopwrightError
from shared.model.basket import Basket
from shared.model.product import Offer


async def read_scans(shop: Shop, lane: str, scanner: Scanner, ready: Callable[[], None]) -> None:
    """Take every scan of a scanner until it is lost; the caller supervises and calls again."""
    await scanner.open()
    try:
        ready()
        while True:
            scan = await scanner.read()
            if isinstance(scan, Scan):
                await take_scan(shop, lane, scan.text)
            else:
                shop.scan_failed(lane, scan)
    finally:
        await scanner.close()


async def take_scan(shop: Shop, lane: str, text: str) -> None:
    """Put what was scanned into the lane's basket, or tell the lane why not; never raises for a bad scan."""
    try:
        await put(shop, lane, shop.catalogue.scanned(text))
    except ShopwrightError as error:
        shop.scan_failed(lane, error)


async def put(shop: Shop, lane: str, offer: Offer, key: str | None = None) -> Basket:
    """Put one unit of a product into the lane's basket and show it. Raises NotFound, and what `baskets.add` raises."""
    shop.demand_lane(lane)
    with shop.metrics.scan_seconds.time():
        basket = await shop.db.transact(
            baskets.add, lane, offer, shop.catalogue.store.currency, shop.catalogue.pack, shop.clock.now(), key
        )
    shop.metrics.scans.labels(result="added").inc()
    shop.troubles.pop(lane, None)
    shop.basket_changed(basket)
    return basket
