"""Which of a promotion's selectors find products in the catalogue."""

import json
from dataclasses import replace

from cloud.database import Transaction
from cloud.promotions.checks import Shops, named_skus
from cloud.sync import feed
from shared.model.product import Product
from shared.promotions.families import Promotion

PRODUCTS_READ_MAX = 20_000  # a fifth of a second; in a larger catalogue a group that begins late is taken for found
PRODUCTS_AT_ONCE = 500

Priced = tuple[Product, int]  # with the price in minor units


def beside_catalogue(
    tx: Transaction, tenant_id: str, promotion: Promotion, around: Shops, most: int = PRODUCTS_READ_MAX
) -> Shops:
    """Return what the checks look at, with what the catalogue lacks. An empty catalogue lacks nothing yet.

    most: so many products are looked at, about.
    """
    if not feed.following(tx, tenant_id, "product", "", 1):
        return around
    named = named_skus(promotion)
    bodies = feed.bodies(tx, tenant_id, "product", named)
    known = _priced(tx, tenant_id, bodies)
    unmatched = set()
    searched = set()
    for place, selector in enumerate(promotion.selectors):
        if selector.skus is None:
            searched.add(place)
        elif not any(_takes(promotion, place, one) for one in known):
            unmatched.add(place)
    if searched:
        unmatched |= _search(tx, tenant_id, promotion, searched, most)
    return replace(around, unknown_skus=named - bodies.keys(), unmatched=unmatched)


def _search(tx: Transaction, tenant_id: str, promotion: Promotion, places: set[int], most: int) -> set[int]:
    """Return those of the selectors at these places that take no product; none where there are too many to look at."""
    left, after = set(places), ""
    for _ in range(most // PRODUCTS_AT_ONCE):
        bodies = feed.following(tx, tenant_id, "product", after, PRODUCTS_AT_ONCE)
        some = _priced(tx, tenant_id, bodies)
        left -= {place for place in left if any(_takes(promotion, place, one) for one in some)}
        if not left or len(bodies) < PRODUCTS_AT_ONCE:
            return left
        after = max(bodies)
    return set()


def _priced(tx: Transaction, tenant_id: str, bodies: dict[str, str]) -> list[Priced]:
    """Read products with their prices; one without a price is not sold."""
    prices = feed.bodies(tx, tenant_id, "price", bodies.keys())
    return [
        (Product.model_validate_json(body), json.loads(prices[sku])["price_minor"])
        for sku, body in bodies.items()
        if sku in prices
    ]


def _takes(promotion: Promotion, place: int, one: Priced) -> bool:
    product, price_minor = one
    selector = promotion.selectors[place]
    return selector.takes(product.sku, product.category, product.brand, product.tags, price_minor)
