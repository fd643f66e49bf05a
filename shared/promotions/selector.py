"""Which units a promotion is about."""

from collections.abc import Collection
from typing import Annotated

from pydantic import Field, PlainSerializer

from shared.model.strict import Code, MinorFromZero, Name, Strict

SELECTED_MAX = 10_000  # codes in one selector; larger groups are tags

# Written in order, so that one pack is the same bytes in every process.
Codes = Annotated[frozenset[Code], Field(max_length=SELECTED_MAX), PlainSerializer(sorted, return_type=list[str])]
Names = Annotated[frozenset[Name], Field(max_length=SELECTED_MAX), PlainSerializer(sorted, return_type=list[str])]


class Selector(Strict):
    """Without fields it is everything. All fields that are given must agree; the `not_` ones take away.

    A list that is given and empty selects nothing: a group that lost its last product is not the whole shop.
    """

    skus: Codes | None = None
    categories: Codes | None = None
    brands: Names | None = None
    tags: Codes | None = None  # any of them
    not_skus: Codes = frozenset()
    not_categories: Codes = frozenset()
    not_brands: Names = frozenset()
    not_tags: Codes = frozenset()
    min_unit_price: MinorFromZero | None = None  # of the shelf, inclusive
    max_unit_price: MinorFromZero | None = None
    not_discounted: bool = False  # only units that no earlier layer made cheaper

    def takes(
        self, sku: str, category: str | None, brand: str | None, tags: Collection[str], shelf_price_minor: int
    ) -> bool:
        """Tell whether a product is meant; what earlier layers did to a unit is looked at elsewhere."""
        return (
            (self.skus is None or sku in self.skus)
            and (self.categories is None or category in self.categories)
            and (self.brands is None or brand in self.brands)
            and (self.tags is None or not self.tags.isdisjoint(tags))
            and sku not in self.not_skus
            and category not in self.not_categories
            and brand not in self.not_brands
            and self.not_tags.isdisjoint(tags)
            and (self.min_unit_price is None or shelf_price_minor >= self.min_unit_price)
            and (self.max_unit_price is None or shelf_price_minor <= self.max_unit_price)
        )


EVERYTHING = Selector()
