"""One small shop's catalogue and its shoppers' baskets, the same for every server and every run."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from shared import ids
from shared.barcodes import check_digit

PRODUCTS, PROMOTIONS, LINES = 1_000, 50, 10
CATEGORIES, TAGS = 40, 20
GIVEN_OUT = "7"  # first digit of our made-up EAN-13 numbers; no prefix of in-store numbers


class Product(NamedTuple):
    """One article. Price in pence, tax included."""

    sku: str
    name: str
    barcode: str  # EAN-13
    price_minor: int
    category: str
    tag: str


class Promotion(NamedTuple):
    """A percentage off each unit of what it is about: one of the three fields is given, the others are empty."""

    id: str
    percent: int
    skus: frozenset[str] = frozenset()
    category: str = ""
    tag: str = ""


def products() -> list[Product]:
    """Return the products in the order of their numbers."""
    chance = ids.seeded(1)
    made = []
    for number in range(PRODUCTS):
        body = f"{GIVEN_OUT}{number:011d}"
        made.append(
            Product(
                sku=f"SKU-{number:05d}",
                name=f"Product number {number} of the small shop",
                barcode=body + check_digit(body),
                price_minor=chance.randint(50, 5_000),
                category=f"category {chance.randrange(CATEGORIES)}",
                tag=f"tag {chance.randrange(TAGS)}",
            )
        )
    return made


def promotions() -> list[Promotion]:
    """Return percentages only: with these the naive rule "the best one for each line" is also the optimum."""
    chance = ids.seeded(2)
    skus = [product.sku for product in products()]
    made = []
    for number in range(PROMOTIONS):
        name, percent = f"P{number:02d}", chance.randint(5, 50)
        if number % 5 < 3:
            made.append(Promotion(name, percent, skus=frozenset(chance.sample(skus, 20))))
        elif number % 5 == 3:
            made.append(Promotion(name, percent, category=f"category {number % CATEGORIES}"))
        else:
            made.append(Promotion(name, percent, tag=f"tag {number % TAGS}"))
    return made


def baskets(seed: int) -> Iterator[list[str]]:
    """Yield baskets without end, each the barcodes of ten different products."""
    chance = ids.seeded(seed)
    codes = [product.barcode for product in products()]
    while True:
        yield chance.sample(codes, LINES)


def products_csv() -> bytes:
    """Return the products as head office imports them."""
    rows = [
        f"{product.sku},{product.name},{product.barcode},{product.price_minor / 100:.2f},standard,"
        f"{product.category},{product.tag}"
        for product in products()
    ]
    return "\n".join(["sku,name,barcode,price,tax_class,category,tags", *rows]).encode()


def promotions_json() -> list[dict[str, Any]]:
    """Return the promotions as head office takes them."""
    return [
        {
            "id": promotion.id,
            "name": f"{promotion.percent} % off",
            "family": "easy",
            "target": _target(promotion),
            "reward": {"kind": "percent", "value": promotion.percent * 100},
        }
        for promotion in promotions()
    ]


def _target(promotion: Promotion) -> dict[str, list[str]]:
    """Return the one thing that a promotion is about; an empty list would mean that it is about nothing."""
    if promotion.skus:
        return {"skus": sorted(promotion.skus)}
    return {"categories": [promotion.category]} if promotion.category else {"tags": [promotion.tag]}
