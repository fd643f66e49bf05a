"""From a scanner's frame to a basket on disk. A scan that cannot be used is told to the people at the lane."""

from collections.abc import Callable

from devices.scanners.interface import Scan, Scanner
from edge.baskets import service as baskets
from edge.catalogue.models import UnknownBarcode
from edge.handover import fetching
from edge.shop import Shop
from edge.specials import service as specials
from shared import coupons
from shared.barcodes import DamagedBarcode
from shared.coupons import Coupon
from shared.errors import ShopwrightError
from shared.model.basket import Basket
from shared.model.product import Offer
from shared.protocol import handover


async def read_scans(shop: Shop, name: str, lane: str, scanner: Scanner, ready: Callable[[], None]) -> None:
    """Take every scan of a scanner until it is lost; the caller supervises and calls again.

    While somebody tries the scanner out, what it reads goes to them and not into a basket.
    """
    await scanner.open()
    try:
        ready()
        while True:
            scan = await scanner.read()
            if shop.tapped(name, scan):
                continue
            if isinstance(scan, Scan):
                await take_scan(shop, lane, scan.text, scan.symbology)
            else:
                shop.scan_failed(lane, scan)
    finally:
        await scanner.close()


async def take_scan(shop: Shop, lane: str, text: str, symbology: str | None = None) -> None:
    """Put what was scanned into the lane's basket, or tell the lane why not; never raises for a bad scan."""
    try:
        await scan(shop, lane, text, symbology=symbology)
    except ShopwrightError as error:
        shop.scan_failed(lane, error)


async def scan(shop: Shop, lane: str, text: str, key: str | None = None, *, symbology: str | None = None) -> Basket:
    """Put the product, or else the coupon, that a code names into the lane's basket; or go on with a whole basket.

    symbology: as the scanner calls it; None for what was typed. Raises what `put`, `specials.add_coupon`,
    `Catalogue.scanned` and `fetching.continue_at` raise.
    """
    if handover.scanned(text) is not None:
        return await fetching.continue_at(shop, lane, text)
    try:
        offer = shop.catalogue.scanned(text, symbology)
    except (DamagedBarcode, UnknownBarcode) as error:
        try:
            coupon = coupons.recognise(text, shop.catalogue.campaigns.values())
        except coupons.UnknownCoupon:
            raise error from None
        return await put_coupon(shop, lane, coupon, key)
    return await put(shop, lane, offer, key)


async def put_coupon(shop: Shop, lane: str, coupon: Coupon, key: str | None = None) -> Basket:
    """Put a coupon into the lane's basket and show it. Raises NotFound, and what `specials.add_coupon` raises."""
    shop.demand_lane(lane)
    currency = shop.catalogue.store.currency
    basket = await shop.db.transact(specials.scan_coupon, lane, coupon, currency, shop.pricing(), key)
    shop.metrics.scans.labels(result="coupon").inc()
    shop.troubles.pop(lane, None)
    shop.basket_changed(basket)
    return basket


async def put(shop: Shop, lane: str, offer: Offer, key: str | None = None) -> Basket:
    """Put one unit of a product into the lane's basket and show it. Raises NotFound, and what `baskets.add` raises."""
    shop.demand_lane(lane)
    with shop.metrics.scan_seconds.time():
        basket = await shop.db.transact(baskets.add, lane, offer, shop.catalogue.store.currency, shop.pricing(), key)
    shop.metrics.scans.labels(result="added").inc()
    shop.troubles.pop(lane, None)
    shop.basket_changed(basket)
    return basket
