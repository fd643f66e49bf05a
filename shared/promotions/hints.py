"""What a little more would bring: told only where the basket was priced with it and costs less for it.

It is priced with the promotions that apply and those that nearly do: the others could only give more. So the gain is
the least that there can be, and a few pricings of a small pack cost less than the one of the scan. What a shopper would
add is a unit of a line that is there or, where no line fits, something unknown that costs as little as it may.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shared.promotions.engine import evaluate
from shared.promotions.evaluation import Evaluation, Refusal
from shared.promotions.families import Promotion
from shared.promotions.families.combo import Combo
from shared.promotions.families.group import Group
from shared.promotions.families.line_special import LineSpecial
from shared.promotions.families.requisite_target import RequisiteTarget
from shared.promotions.gate import Context
from shared.promotions.pack import Pack
from shared.promotions.selector import Selector
from shared.promotions.shelf import Line

PIECES_MAX = 2  # further away is advertising, not help
PRICED_MAX = 4  # times that a basket is priced for its hints
LARGE_LINES = 20  # from here on it is priced for the nearest only, and not at all where that means a search


@dataclass(frozen=True, slots=True)
class Hint:
    """A promotion that so many pieces, or such an amount, away takes `gain_minor` more off the basket.

    line_number: the line to add to or to go with; None where any product counts.
    """

    promotion_id: str
    name: str
    line_number: int | None
    missing_quantity: int
    missing_minor: int
    gain_minor: int


@dataclass(frozen=True, slots=True)
class _Goods:
    """Units of a line as they would be, or of something that is not in the basket yet."""

    number: int
    sku: str
    quantity: int
    unit_price_minor: int
    floor_price_minor: int = 0
    category: str | None = None
    brand: str | None = None
    tags: tuple[str, ...] = ()
    discountable: bool = True

    @classmethod
    def like(cls, line: Line, **changes: object) -> "_Goods":
        return cls(**{**{name: getattr(line, name) for name in cls.__slots__}, **changes})


@dataclass(frozen=True, slots=True)
class _Wish:
    """What could be added for a promotion, before anybody knows whether it helps."""

    promotion: Promotion
    goods: tuple[_Goods, ...]  # by their numbers they take the place of lines, or are new
    line_number: int | None
    quantity: int = 0
    minor: int = 0

    @property
    def distance(self) -> tuple[bool, int, int, int]:
        """Nearer ones are less: pieces before amounts, then the newest line."""
        return self.line_number is None, self.quantity, self.minor, -(self.line_number or 0)


def hints(lines: Sequence[Line], evaluation: Evaluation, pack: Pack, around: Context) -> tuple[Hint, ...]:
    """Return what would take more off, the nearest first: one for a line, one for the basket.

    evaluation: of these lines with this pack. Where it was hard, pricing once more is, too: such a basket has none.
    """
    is_large = len(lines) >= LARGE_LINES
    if not evaluation.proven or (is_large and evaluation.route != "closed form"):
        return ()
    look = _Look(lines, evaluation, pack, around)
    wishes = sorted(look.wishes(), key=lambda wish: wish.distance)
    wishes = wishes[: 1 if is_large else PRICED_MAX]
    names = {use.promotion_id for use in evaluation.applications} | {wish.promotion.id for wish in wishes}
    small = Pack.of(look.promotions[name] for name in names)
    found: dict[int | None, Hint] = {}
    for wish in wishes:
        if wish.line_number not in found and (hint := _priced(wish, lines, evaluation, small, around)):
            found[wish.line_number] = hint
    return tuple(found.values())


def _priced(wish: _Wish, lines: Sequence[Line], evaluation: Evaluation, pack: Pack, around: Context) -> Hint | None:
    """Price the basket with what is wished for. None when the promotion, or all together, would give no more."""
    replaced = {goods.number for goods in wish.goods}
    after = evaluate([*(line for line in lines if line.number not in replaced), *wish.goods], pack, around)
    promotion = wish.promotion
    gain_minor = after.discount_minor - evaluation.discount_minor
    if gain_minor <= 0 or after.promotion_minor(promotion.id) <= evaluation.promotion_minor(promotion.id):
        return None
    return Hint(promotion.id, promotion.title, wish.line_number, wish.quantity, wish.minor, gain_minor)


@dataclass(slots=True)
class _Look:
    """A priced basket, and which lines come through which slots of the promotions that know it."""

    lines: Sequence[Line]
    evaluation: Evaluation
    pack: Pack
    around: Context
    promotions: dict[str, Promotion] = field(default_factory=dict)
    slots: dict[str, dict[int, list[Line]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    free_number: int = 1  # beyond all lines

    def __post_init__(self) -> None:
        coupons = sorted(self.around.coupons)
        self.free_number += max((line.number for line in self.lines), default=0)
        for line in sorted(self.lines, key=lambda line: line.number):
            for place, slot in (*self.pack.takers(line), *self.pack.coupon_takers(line, coupons)):
                promotion = self.pack.promotions[place]
                self.promotions[promotion.id] = promotion
                self.slots[promotion.id][slot].append(line)

    def wishes(self) -> Iterator[_Wish]:
        for refusal in self.evaluation.refusals:
            promotion = self.promotions[refusal.promotion_id]
            if refusal.reason != "short" or refusal.missing_quantity > PIECES_MAX:
                continue
            if refusal.missing_minor:
                yield from self._amount(promotion, refusal)
            elif sizes := _sizes(promotion):
                yield from self._set(promotion, sizes)
            else:
                yield from self._pieces(promotion, refusal.missing_quantity)
        for use in self.evaluation.applications:
            promotion = self.promotions[use.promotion_id]
            most = promotion.limits.max_applications
            sizes = _sizes(promotion)
            if sizes and (most is None or use.times < most):
                yield from self._set(promotion, sizes)

    def _amount(self, promotion: Promotion, refusal: Refusal) -> Iterator[_Wish]:
        """Wish for something more of what counts, which costs what is missing."""
        minor, pieces = refusal.missing_minor, max(refusal.missing_quantity, 1)
        lines = self.slots[promotion.id][0]
        total_minor = sum(line.quantity * line.unit_price_minor for line in self.lines) - self.evaluation.discount_minor
        if not lines or minor > total_minor:
            return
        price_minor = -(-minor // pieces)
        goods = _Goods.like(
            lines[-1],
            number=self.free_number,
            quantity=pieces,
            unit_price_minor=price_minor,
            floor_price_minor=0,
            discountable=not promotion.measured,
        )
        if _takes(promotion.selectors[0], goods):
            yield _Wish(promotion, (goods,), None, refusal.missing_quantity, minor)

    def _pieces(self, promotion: Promotion, quantity: int) -> Iterator[_Wish]:
        """Wish for units of the newest line that counts."""
        for line in self.slots[promotion.id][0][-1:]:
            goods = _Goods.like(line, quantity=line.quantity + quantity)
            yield _Wish(promotion, (goods,), line.number, quantity)

    def _set(self, promotion: Promotion, sizes: Sequence[int]) -> Iterator[_Wish]:
        """Wish for what makes one more set of the units that the promotion did not take."""
        left = self._left(promotion)
        slots = self.slots[promotion.id]
        if isinstance(promotion, LineSpecial) and promotion.same_sku:
            choices = [[line] for line in slots[0]]
        else:
            choices = [[line for slot in sorted(slots) for line in slots[slot]]]
        for chosen in choices:
            allowed = {line.number for line in chosen if left[line.number]}
            wish = self._filled(promotion, sizes, {number: left[number] for number in allowed})
            if wish is not None:
                yield wish

    def _filled(self, promotion: Promotion, sizes: Sequence[int], left: dict[int, int]) -> _Wish | None:
        """Put the units that are left into the slots, and wish for those that are missing then."""
        missing, with_it = [], 0
        for slot, size in enumerate(sizes):
            need = size
            for line in self.slots[promotion.id][slot]:
                taken = min(need, left.get(line.number, 0))
                if taken:
                    left[line.number] -= taken
                    need -= taken
                    with_it = max(with_it, line.number)
            missing.append(need)
        quantity = sum(missing)
        if not with_it or not 0 < quantity <= PIECES_MAX:
            return None
        goods: dict[int, _Goods] = {}
        for slot, need in enumerate(missing):
            more = self._more(promotion, slot, need, with_it, goods) if need else None
            if need and more is None:
                return None
            if more is not None:
                goods[more.number] = more
        known = [number for number in goods if number < self.free_number]
        return _Wish(promotion, tuple(goods.values()), max(known, default=with_it), quantity)

    def _more(
        self, promotion: Promotion, slot: int, need: int, with_it: int, goods: dict[int, _Goods]
    ) -> _Goods | None:
        """Return `need` more units for a slot: of the set's own line, else of the newest, else of something new."""
        lines = [line for line in self.slots[promotion.id][slot] if line.discountable]
        if lines:
            line = next((line for line in lines if line.number == with_it), lines[-1])
            known = goods.get(line.number)
            return _Goods.like(line, quantity=(known.quantity if known else line.quantity) + need)
        return _unknown(promotion.selectors[slot], self.free_number + len(goods), need)

    def _left(self, promotion: Promotion) -> dict[int, int]:
        """Return how many units of each line a promotion did not take. Others may have: pricing says who wins then."""
        left = {line.number: line.quantity if line.discountable else 0 for line in self.lines}
        for use in self.evaluation.applications:
            for part in use.parts if use.promotion_id == promotion.id else ():
                left[part.line_number] -= part.units
        return left


def _sizes(promotion: Promotion) -> list[int]:
    """Return how many units each slot of a set holds; nothing for what is no set, or is measured by an amount."""
    if isinstance(promotion, LineSpecial | Group):
        return [promotion.n]
    if isinstance(promotion, Combo):
        return [slot.qty for slot in promotion.slots]
    if isinstance(promotion, RequisiteTarget) and not any(need.min_amount for need in promotion.requisites):
        return [*(need.units for need in promotion.requisites), *(slot.qty for slot in promotion.targets)]
    return []


def _unknown(selector: Selector, number: int, quantity: int) -> _Goods | None:
    """Return units of something that a selector takes, at the least price that it may have."""
    goods = _Goods(
        number=number,
        sku=min(selector.skus, default="") if selector.skus else "",
        quantity=quantity,
        unit_price_minor=selector.min_unit_price or 0,
        category=min(selector.categories, default=None) if selector.categories else None,
        brand=min(selector.brands, default=None) if selector.brands else None,
        tags=tuple(sorted(selector.tags or ()))[:1],
    )
    return goods if _takes(selector, goods) else None


def _takes(selector: Selector, goods: _Goods) -> bool:
    return selector.takes(goods.sku, goods.category, goods.brand, goods.tags, goods.unit_price_minor)
