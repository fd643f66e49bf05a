"""The promotions of a store at one moment, named by a hash of their content so that both sides mean the same."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pydantic import TypeAdapter, ValidationError

from shared.errors import Invalid
from shared.promotions.families import Promotion
from shared.promotions.families.offer import Deal

DEALS_KEPT_MAX = 20_000  # products that were scanned; some 10 MB

ONE: TypeAdapter[Promotion] = TypeAdapter(Promotion)


class BadPromotion(Invalid):
    """Promotion {promotion} cannot be used: {problem}"""

    hint = "Correct it at head office; it was left out and everything else goes on."


def parse(text: str | bytes) -> Promotion:
    """Read one promotion from JSON. Raises BadPromotion, which names the field that is wrong."""
    try:
        return ONE.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        raise BadPromotion(promotion=_id_of(text), problem=f"{where}: {first['msg']}") from error


def _id_of(text: str | bytes) -> str:
    try:
        return str(json.loads(text)["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "?"


@dataclass(frozen=True)
class Pack:
    """Promotions in order of id, whatever the order they came in."""

    promotions: tuple[Promotion, ...]

    @classmethod
    def of(cls, promotions: Iterable[Promotion]) -> "Pack":
        return cls(tuple(sorted(promotions, key=lambda promotion: promotion.id)))

    @cached_property
    def version(self) -> str:
        """The first 16 hex digits of a SHA-256 over the promotions' canonical JSON."""
        digest = hashlib.sha256()
        for promotion in self.promotions:
            digest.update(json.dumps(promotion.model_dump(mode="json"), sort_keys=True).encode())
        return digest.hexdigest()[:16]

    @cached_property
    def by_sku(self) -> dict[str, list[Promotion]]:
        """Promotions that name their products, by each product."""
        index: dict[str, list[Promotion]] = {}
        for promotion in self.promotions:
            for sku in promotion.target.skus:
                index.setdefault(sku, []).append(promotion)
        return index

    @cached_property
    def by_category(self) -> dict[str, list[Promotion]]:
        """Promotions that name categories but no products, by each category."""
        index: dict[str, list[Promotion]] = {}
        for promotion in self.promotions:
            if not promotion.target.skus:
                for category in promotion.target.categories:
                    index.setdefault(category, []).append(promotion)
        return index

    @cached_property
    def by_tag(self) -> dict[str, list[Promotion]]:
        """Promotions that name tags only, by each tag."""
        index: dict[str, list[Promotion]] = {}
        for promotion in self.promotions:
            if not promotion.target.skus and not promotion.target.categories:
                for tag in promotion.target.tags:
                    index.setdefault(tag, []).append(promotion)
        return index

    @cached_property
    def for_all(self) -> list[Promotion]:
        """Promotions whose target is everything, less what they take away."""
        return [p for p in self.promotions if not (p.target.skus or p.target.categories or p.target.tags)]

    def deals(self, sku: str, category: str | None, tags: tuple[str, ...], unit_price_minor: int) -> tuple[Deal, ...]:
        """Return what can be done with units of a product: for each number of units the best deal, by promotion id.

        The best has the greatest value, then the lowest id; one that takes nothing off is none.
        """
        key = (sku, category, tags, unit_price_minor)
        known = self._deals.get(key)
        if known is None:
            if len(self._deals) >= DEALS_KEPT_MAX:
                self._deals.clear()
            known = self._deals[key] = self._find_deals(*key)
        return known

    @cached_property
    def _deals(self) -> dict[tuple[str, str | None, tuple[str, ...], int], tuple[Deal, ...]]:
        return {}

    def _find_deals(
        self, sku: str, category: str | None, tags: tuple[str, ...], unit_price_minor: int
    ) -> tuple[Deal, ...]:
        best: dict[int, Deal] = {}
        for promotion in self.candidates(sku, category, tags):
            deal = promotion.deal(unit_price_minor)
            known = best.get(deal.units)
            if deal.value > 0 and (known is None or deal.value > known.value):
                best[deal.units] = deal
        return tuple(sorted(best.values(), key=lambda deal: deal.promotion_id))

    def candidates(self, sku: str, category: str | None, tags: Iterable[str]) -> list[Promotion]:
        """Return the promotions whose target takes such a product, in order of id, each once."""
        tags = tuple(tags)
        found = {p.id: p for p in self.by_sku.get(sku, ())}
        found |= {p.id: p for p in self.by_category.get(category or "", ())}
        found |= {p.id: p for tag in tags for p in self.by_tag.get(tag, ())}
        found |= {p.id: p for p in self.for_all}
        return [found[key] for key in sorted(found) if found[key].target.takes(sku, category, tags)]


EMPTY = Pack(())
