"""Which lines a promotion is about."""

from collections.abc import Collection
from typing import Annotated

from pydantic import Field, PlainSerializer

from shared.model.strict import Code, Strict

SELECTED_MAX = 10_000  # skus in one selector; larger groups are tags

# Written in order, so that one pack is the same bytes in every process.
Codes = Annotated[frozenset[Code], Field(max_length=SELECTED_MAX), PlainSerializer(sorted, return_type=list[str])]


class Selector(Strict):
    """An empty selector is everything. Each field that is given must agree; `not_` fields take away."""

    skus: Codes = frozenset()
    categories: Codes = frozenset()
    tags: Codes = frozenset()  # any of them
    not_skus: Codes = frozenset()
    not_tags: Codes = frozenset()

    def takes(self, sku: str, category: str | None, tags: Collection[str]) -> bool:
        return (
            (not self.skus or sku in self.skus)
            and (not self.categories or category in self.categories)
            and (not self.tags or not self.tags.isdisjoint(tags))
            and sku not in self.not_skus
            and self.not_tags.isdisjoint(tags)
        )
