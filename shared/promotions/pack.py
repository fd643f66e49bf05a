"""The promotions of a store at one moment, named by a hash of their content so that both sides mean the same."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from shared.errors import Invalid
from shared.promotions.families import Promotion
from shared.promotions.shelf import Line

TAKERS_KEPT_MAX = 20_000  # products that were scanned; some 10 MB
CLASSES_KEPT_MAX = 20_000  # of units, some 10 MB

ONE: TypeAdapter[Promotion] = TypeAdapter(Promotion)

EXTENDED_KEPT_MAX = 8  # packs with promotions for one basket: a node has some few lanes

Taker = tuple[int, int]  # (place of a promotion in its pack, its slot)


class Known(NamedTuple):
    """Who knows a product, in order of place: who may take its units, and who only looks at them.

    places: of those who may take them, each once.
    """

    everybody: tuple[Taker, ...]
    takers: tuple[Taker, ...]
    lookers: tuple[Taker, ...]
    places: tuple[int, ...]


class Traits(NamedTuple):
    """What a layer asks of promotions for each line of a basket, looked up once.

    measured: slots that only look at units; picky: those that leave out what earlier layers made cheaper.
    skus_apart, lines_apart: places of promotions for which equal units of two products, or lines, are not the same.
    """

    measured: frozenset[Taker]
    picky: frozenset[Taker]
    skus_apart: frozenset[int]
    lines_apart: frozenset[int]


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


def body(promotion: Promotion) -> dict[str, Any]:
    """Write a promotion as stores and hashes know it: without fields that say nothing but their default.

    So a field that a later version adds changes nothing for the promotions that do not use it.
    """
    full: dict[str, Any] = promotion.model_dump(mode="json")
    return _named(promotion.model_dump(mode="json", exclude_defaults=True), full)


def written(promotion: Promotion) -> str:
    """Write `body` as text."""
    return json.dumps(body(promotion), ensure_ascii=False)


def _named(slim: dict[str, Any], full: dict[str, Any]) -> dict[str, Any]:
    """Put back what names a family or a kind of reward: these are defaults, too, and cannot be missed."""
    for key, value in full.items():
        if key in {"family", "kind"}:
            slim[key] = value
        elif isinstance(value, dict) and key in slim:
            _named(slim[key], value)
        elif isinstance(value, list) and key in slim:
            for thin, whole in zip(slim[key], value, strict=True):
                if isinstance(whole, dict):
                    _named(thin, whole)
    return slim


def natural(text: str) -> tuple[tuple[bool, int, str], ...]:
    """Return a key by which "P2" stands before "P10"."""
    return tuple(
        (not piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece)
        for piece in re.split(r"(\d+)", text)
        if piece
    )


@dataclass(frozen=True)
class Pack:
    """Promotions in the order in which they are preferred among equals, whatever the order they came in."""

    promotions: tuple[Promotion, ...]

    @classmethod
    def of(cls, promotions: Iterable[Promotion]) -> "Pack":
        ranked = sorted(promotions, key=lambda promotion: (-promotion.priority, natural(promotion.id), promotion.id))
        return cls(tuple(ranked))

    @cached_property
    def version(self) -> str:
        """The first 16 hex digits of a SHA-256 over the promotions' canonical JSON, by id."""
        digest = hashlib.sha256()
        for promotion in sorted(self.promotions, key=lambda promotion: promotion.id):
            digest.update(json.dumps(body(promotion), sort_keys=True).encode())
        return digest.hexdigest()[:16]

    def text(self) -> str:
        """Write the pack as JSON, by id."""
        ranked = sorted(self.promotions, key=lambda promotion: promotion.id)
        return json.dumps([body(promotion) for promotion in ranked])

    @classmethod
    def from_text(cls, text: str) -> "Pack":
        """Read what `text` wrote. Raises BadPromotion, also where it is no list of promotions at all."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadPromotion(promotion="?", problem=f"the pack is not JSON ({error})") from error
        if not isinstance(found, list):
            raise BadPromotion(promotion="?", problem="the pack is no list")
        return cls.of(parse(json.dumps(promotion)) for promotion in found)

    def with_own(self, own: tuple[Promotion, ...]) -> "Pack":
        """Return the pack with promotions that were made for one basket beside its own, the same at every scan."""
        if not own:
            return self
        key = json.dumps([body(promotion) for promotion in own])
        known = self._extended.get(key)
        if known is None:
            if len(self._extended) >= EXTENDED_KEPT_MAX:
                self._extended.clear()
            known = self._extended[key] = Pack.of((*self.promotions, *own))
        return known

    @cached_property
    def _extended(self) -> "dict[str, Pack]":
        return {}

    @cached_property
    def is_timed(self) -> bool:
        """Whether the clock opens or shuts any of its promotions."""
        return any(promotion.gate.is_timed for promotion in self.promotions)

    @cached_property
    def limited(self) -> frozenset[int]:
        """Places of promotions of which there are so many uses only."""
        return frozenset(
            place
            for place, promotion in enumerate(self.promotions)
            if promotion.gate.max_uses_per_customer is not None or promotion.gate.max_uses_total is not None
        )

    def limited_on(self, lines: Iterable[Line], coupons: Collection[str]) -> list[Promotion]:
        """Return those of them that know something of these lines, with these coupons."""
        if not self.limited:
            return []
        found = {place for line in lines for place, _ in (*self.takers(line), *self.coupon_takers(line, coupons))}
        return [self.promotions[place] for place in sorted(found & self.limited)]

    def takers(self, line: Line) -> tuple[Taker, ...]:
        """Return the promotions and slots that know a line's product, coupons left out, in order of place."""
        return self.known(line).everybody

    def known(self, line: Line, coupons: Collection[str] = ()) -> Known:
        """Return who knows a line's product, those among them whom these coupons open."""
        key = (line.sku, line.category, line.brand, line.tags, line.unit_price_minor)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= TAKERS_KEPT_MAX:
                self._known.clear()
            known = self._known[key] = self._divided(self._find(line, self._index.candidates(line)))
        if coupons:
            return self._divided(known.everybody + self.coupon_takers(line, sorted(coupons)))
        return known

    def _divided(self, everybody: tuple[Taker, ...]) -> Known:
        measured = self.traits.measured
        lookers = tuple([taker for taker in everybody if taker in measured])
        takers = tuple([taker for taker in everybody if taker not in measured]) if lookers else everybody
        return Known(everybody, takers, lookers, tuple(dict.fromkeys([place for place, _ in takers])))

    def coupon_takers(self, line: Line, coupons: Iterable[str]) -> tuple[Taker, ...]:
        """Return the same for the promotions that these coupons open."""
        return self._find(line, sorted(taker for coupon in coupons for taker in self._by_coupon.get(coupon, ())))

    @property
    def coupons(self) -> frozenset[str]:
        """The coupons that open any of its promotions."""
        return frozenset(self._by_coupon)

    def _find(self, line: Line, candidates: Iterable[Taker]) -> tuple[Taker, ...]:
        product = (line.sku, line.category, line.brand, line.tags, line.unit_price_minor)
        promotions = self.promotions
        return tuple((place, slot) for place, slot in candidates if promotions[place].selectors[slot].takes(*product))

    @cached_property
    def _known(self) -> dict[Any, Known]:
        return {}

    @cached_property
    def memory(self) -> "Memory":
        """Parts of layers that were solved before: between two scans most of a basket stays the same."""
        return Memory()

    @cached_property
    def traits(self) -> Traits:
        ranked = list(enumerate(self.promotions))
        slots = [(place, slot, one) for place, one in ranked for slot in range(len(one.selectors))]
        return Traits(
            frozenset((place, slot) for place, slot, one in slots if slot in one.measured),
            frozenset((place, slot) for place, slot, one in slots if one.selectors[slot].not_discounted),
            frozenset(place for place, one in ranked if one.keeps_skus_apart),
            frozenset(place for place, one in ranked if one.limits.max_units_per_line is not None),
        )

    @cached_property
    def _by_coupon(self) -> dict[str, list[Taker]]:
        found: dict[str, list[Taker]] = {}
        for place, promotion in enumerate(self.promotions):
            if promotion.gate.coupon is not None:
                slots = found.setdefault(promotion.gate.coupon, [])
                slots.extend((place, slot) for slot in range(len(promotion.selectors)))
        return found

    @cached_property
    def _index(self) -> "_Index":
        index = _Index()
        for place, promotion in enumerate(self.promotions):
            if promotion.gate.coupon is None:
                for slot in range(len(promotion.selectors)):
                    index.add(promotion, place, slot)
        return index


@dataclass(slots=True)
class Memory:
    """Numbers for classes of units, and what parts of layers made of these came to."""

    numbers: dict[Any, int] = field(default_factory=dict)
    parts: dict[Any, Any] = field(default_factory=dict)

    def names(self, keys: Collection[Any]) -> list[int]:
        """Return a number for each key: the same for the same one, as long as nothing is forgotten."""
        numbers = self.numbers
        if len(numbers) + len(keys) > CLASSES_KEPT_MAX:
            self.clear()
        return [numbers.setdefault(key, len(numbers)) for key in keys]

    def clear(self) -> None:
        """Forget everything; numbers that were given out lose their meaning, and so do parts."""
        self.numbers.clear()
        self.parts.clear()


@dataclass(slots=True)
class _Index:
    """Slots by the narrowest thing that their selector names."""

    skus: dict[str, list[Taker]] = field(default_factory=dict)
    brands: dict[str, list[Taker]] = field(default_factory=dict)
    categories: dict[str, list[Taker]] = field(default_factory=dict)
    tags: dict[str, list[Taker]] = field(default_factory=dict)
    others: list[Taker] = field(default_factory=list)

    def add(self, promotion: Promotion, place: int, slot: int) -> None:
        selector = promotion.selectors[slot]
        for index, named in (
            (self.skus, selector.skus),
            (self.brands, selector.brands),
            (self.categories, selector.categories),
            (self.tags, selector.tags),
        ):
            if named is not None:
                for name in named:
                    index.setdefault(name, []).append((place, slot))
                return
        self.others.append((place, slot))

    def candidates(self, line: Line) -> list[Taker]:
        found = {*self.skus.get(line.sku, ()), *self.others}
        found.update(self.brands.get(line.brand or "", ()), self.categories.get(line.category or "", ()))
        for tag in line.tags:
            found.update(self.tags.get(tag, ()))
        return sorted(found)


EMPTY = Pack(())
