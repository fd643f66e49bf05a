"""One layer of promotions: from shelf to classes of equal units, to the solver, and back to money."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from shared.promotions.allocation import Row, allocate
from shared.promotions.evaluation import Application, Part, Reason, Route
from shared.promotions.families import Promotion
from shared.promotions.families.offer import Shortage
from shared.promotions.pack import Known, Pack, Taker
from shared.promotions.reward import WHOLE
from shared.promotions.shelf import Parcel, ShelfLine, View
from shared.promotions.solver.columns import Guard
from shared.promotions.solver.problem import NOTHING, Contender, Form, Solution, UnitClass, Units, Use
from shared.promotions.solver.solve import Untaken, hopeful, solve


class Reasoned(NamedTuple):
    """Why a promotion did nothing, what it lacked, and who took its units."""

    reason: Reason
    missing_quantity: int = 0
    missing_minor: int = 0
    taken_by: tuple[str, ...] = ()


@dataclass(slots=True)
class LayerResult:
    """What a layer did. places: of the promotions that applied, in order; reasons: why the others did not, by place."""

    applications: list[Application] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    reasons: dict[int, Reasoned] = field(default_factory=dict)
    route: Route = "closed form"
    gap: int = 0


_Key = tuple[int, int, tuple[Taker, ...], tuple[str | int, ...]]  # net, headroom, who may take it, what keeps it apart


@dataclass(slots=True)
class _Classes:
    """The layer's units, equal ones together."""

    units: list[UnitClass] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    sources: list[list[tuple[ShelfLine, Parcel]]] = field(default_factory=list)
    slots: dict[int, list[list[int]]] = field(default_factory=dict)  # place -> slot -> classes
    looked_at: dict[int, dict[int, list[ShelfLine]]] = field(default_factory=dict)
    has_floors: bool = True


def run_layer(
    shelf: Sequence[ShelfLine], pack: Pack, known: dict[int, Known], places: set[int], guard: Guard
) -> LayerResult:
    """Apply the promotions at these places of the pack, all of one layer, to the shelf."""
    classes = _classify(shelf, pack, known, places)
    result = LayerResult()
    shortages: dict[int, Shortage] = {}
    forms: dict[int, Form] = {}
    untaken: list[Untaken | None] = [None] * len(classes.units)
    for place in sorted(places):
        promotion = pack.promotions[place]
        view = _view(promotion, place, classes)
        form = promotion.form(view)
        if isinstance(form, Shortage):
            shortages[place] = form
        elif _is_free(promotion, form):
            _offer(form, place, untaken)
        else:
            forms[place] = form
    able = hopeful(forms, classes.units, untaken)
    contenders = [_contender(pack.promotions[place], place, form, classes) for place, form in able.items()]
    solution = solve(classes.units, untaken, contenders, guard, classes.names, pack.memory.parts)
    result.route, result.gap = solution.route, solution.bound - solution.discount
    for use in solution.uses:
        promotion = pack.promotions[use.rank]
        rows = allocate(promotion, use, classes.sources)
        if sum(row.discount_minor for row in rows):
            result.places.append(use.rank)
            result.applications.append(_application(promotion, use, rows))
    for shelf_line in shelf:
        shelf_line.settle()
    wanted = _Wanted(shelf, known)
    result.reasons = _reasons(pack, places - set(result.places), classes, shortages, solution, wanted)
    return result


def _classify(shelf: Sequence[ShelfLine], pack: Pack, known: dict[int, Known], places: set[int]) -> _Classes:
    classes = _Classes()
    numbers: dict[_Key, int] = {}
    for place in places:
        classes.slots[place] = [[] for _ in pack.promotions[place].selectors]
    counts: list[int] = []
    for shelf_line in shelf:
        mine, picky, apart = _takers_of(shelf_line, pack, known[shelf_line.line.number], places, classes)
        for parcel in shelf_line.parcels if mine else ():
            if parcel.closed:
                continue
            here = mine
            if picky and parcel.net != shelf_line.line.unit_price_minor:
                here = tuple([taker for taker in mine if taker not in picky])
            key = (parcel.net, max(parcel.net - shelf_line.floor, 0), here, apart)
            index = numbers.get(key)
            if index is None:
                index = numbers[key] = len(counts)
                counts.append(0)
                classes.sources.append([])
                for place, slot in here:
                    classes.slots[place][slot].append(index)
            counts[index] += parcel.count
            classes.sources[index].append((shelf_line, parcel))
    classes.units = [UnitClass(key[0], key[1], counts[index]) for key, index in numbers.items()]
    classes.names = pack.memory.names(numbers)
    classes.has_floors = any(key[1] < key[0] for key in numbers)
    return classes


def _takers_of(
    shelf_line: ShelfLine, pack: Pack, known: Known, places: set[int], classes: _Classes
) -> tuple[tuple[Taker, ...], frozenset[Taker], tuple[str | int, ...]]:
    """Return who may take units of a line, who of them only at the full price, and what keeps the units from others."""
    line, traits = shelf_line.line, pack.traits
    for place, slot in known.lookers:
        if place in places:
            classes.looked_at.setdefault(place, {}).setdefault(slot, []).append(shelf_line)
    mine = [taker for taker in known.takers if taker[0] in places] if line.discountable else []
    if not mine:
        return (), traits.picky, ()
    picky = traits.picky.intersection(mine) if traits.picky else traits.picky
    apart: tuple[str | int, ...] = ()
    if traits.skus_apart and not traits.skus_apart.isdisjoint([taker[0] for taker in mine]):
        apart = (line.sku,)
    if traits.lines_apart and not traits.lines_apart.isdisjoint([taker[0] for taker in mine]):
        apart = (*apart, line.number)
    return tuple(mine), picky, apart


def _view(promotion: Promotion, place: int, classes: _Classes) -> View:
    slots = classes.slots[place]
    sku_of = {}
    if promotion.keeps_skus_apart:
        sku_of = {index: classes.sources[index][0][0].line.sku for group in slots for index in group}
    return View(promotion, classes.units, slots, classes.looked_at.get(place, {}), sku_of, classes.has_floors)


def _is_free(promotion: Promotion, form: Form) -> bool:
    """Whether it takes any unit by itself, so that nobody has to ask who else wants its promotion."""
    return isinstance(form, Units) and not form.at_once and not promotion.limits.given


def _offer(form: Form, place: int, untaken: list[Untaken | None]) -> None:
    assert isinstance(form, Units)
    for index, off in form.tiers[0].off.items():
        rival = untaken[index]
        if rival is None or off > rival.discount:
            untaken[index] = Untaken(place, off)


def _contender(promotion: Promotion, place: int, form: Form, classes: _Classes) -> Contender:
    limits = promotion.limits
    line_of: Mapping[int, int] = NOTHING
    if limits.max_units_per_line is not None:
        groups = classes.slots[place]
        line_of = {index: classes.sources[index][0][0].line.number for group in groups for index in group}
    return Contender(
        rank=place,
        form=form,
        applications=limits.max_applications,
        units=limits.max_units,
        per_line=limits.max_units_per_line,
        discount=None if limits.max_discount is None else limits.max_discount * WHOLE,
        line_of=line_of,
    )


def _application(promotion: Promotion, use: Use, rows: Iterable[Row]) -> Application:
    parts: dict[tuple[int, bool, int], Part] = {}
    exact = net_minor = discount_minor = 0
    for row in rows:
        net_minor += row.worth
        discount_minor += row.discount_minor
        parts[row.shelf_line.line.number, not row.rewarded, -row.net] = Part(
            line_number=row.shelf_line.line.number,
            role="rewarded" if row.rewarded else "full",
            units=row.count,
            net_minor=row.net,
            discount_minor=row.discount_minor,
        )
    exact = use.discount
    return Application(
        promotion_id=promotion.id,
        name=promotion.title,
        version=promotion.version,
        family=promotion.family,
        layer=promotion.layer,
        times=use.times,
        parts=tuple(parts[key] for key in sorted(parts)),
        net_minor=net_minor,
        discount_minor=discount_minor,
        residue=discount_minor * WHOLE - exact,
        opened_by=promotion.gate.coupon or promotion.gate.member_tag,
    )


@dataclass
class _Wanted:
    """The places that know a line which may be discounted; few baskets make anybody ask."""

    shelf: Sequence[ShelfLine]
    known: dict[int, Known]

    @cached_property
    def places(self) -> set[int]:
        lines = [shelf_line.line for shelf_line in self.shelf if shelf_line.line.discountable]
        return {place for line in lines for place in self.known[line.number].places}


def _reasons(
    pack: Pack,
    silent: set[int],
    classes: _Classes,
    shortages: dict[int, Shortage],
    solution: Solution,
    wanted: _Wanted,
) -> dict[int, Reasoned]:
    takers = [0] * len(classes.units)  # who consumed units of each class, a bit for each use
    for bit, use in enumerate(solution.uses):
        for index in {*use.full, *use.rewarded}:
            takers[index] |= 1 << bit
    reasons = {}
    for place in silent:
        lack = shortages.get(place)
        slots = classes.slots[place]
        gone = not any(slots) and place in wanted.places
        if lack is not None and (lack.quantity or lack.amount_minor):
            is_gone = gone and not pack.promotions[place].measured
            reasons[place] = Reasoned("taken" if is_gone else "short", lack.quantity, lack.amount_minor)
            continue
        rivals = 0
        for group in slots:
            for index in group:
                rivals |= takers[index]
        taken_by = []
        while rivals:
            use = solution.uses[(rivals & -rivals).bit_length() - 1]
            rivals &= rivals - 1
            if use.rank != place:
                taken_by.append(pack.promotions[use.rank].id)
        if taken_by:
            reasons[place] = Reasoned("outbid", taken_by=tuple(taken_by))
        else:
            reasons[place] = TAKEN if gone else NO_GAIN
    return reasons


NO_GAIN = Reasoned("no_gain")
TAKEN = Reasoned("taken")
