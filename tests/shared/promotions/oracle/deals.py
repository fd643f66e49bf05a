"""What each family adds to the integer program of its layer: counts of units taken, sets, and what they are worth."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.shared.promotions.oracle.basket import SCALE, Basket, Json, Units
from tests.shared.promotions.oracle.measure import tier_met
from tests.shared.promotions.oracle.program import INFINITE, Program, Terms, added, valued


@dataclass(frozen=True, slots=True)
class Take:
    """Units that a promotion consumes: `times` of them for each one that its column counts."""

    column: int
    units: Units
    times: int = 1
    reward: int = 0  # exact, of one unit, scaled; the reward of a set belongs to no unit yet
    is_rewarded: bool = True


@dataclass(frozen=True, slots=True)
class Deal:
    promotion: Json
    takes: list[Take]
    values: list[Terms]  # the exact discount, scaled, is the least of these and of the limit
    applications: Terms
    is_set: bool = False  # the reward is of a set or of a whole target: one amount for the promotion

    @property
    def cap(self) -> int | None:
        cap: int | None = _limits(self.promotion).get("max_discount")
        return cap

    def exact(self, counts: list[int]) -> int:
        """Return the unrounded discount, scaled."""
        values = [valued(terms, counts) for terms in self.values]
        return min(values if self.cap is None else [*values, self.cap * SCALE])


def drafted(program: Program, promotion: Json, basket: Basket) -> Deal | None:
    """Add a promotion to the program; None if nothing in the basket gives it a discount."""
    deal = FAMILIES[promotion["family"]](program, promotion, basket)
    if deal is None or not deal.takes:
        return None
    program.earn(deal.values, deal.cap)
    limits = _limits(promotion)
    if "max_applications" in limits:
        program.row(deal.applications, high=limits["max_applications"])
    if "max_units" in limits:
        program.row(added((take.column, take.times) for take in deal.takes), high=limits["max_units"])
    if "max_units_per_line" in limits:
        for line in {take.units.line for take in deal.takes}:
            taken = added((take.column, take.times) for take in deal.takes if take.units.line == line)
            program.row(taken, high=limits["max_units_per_line"])
    return deal


def _limits(promotion: Json) -> Json:
    return {name: limit for name, limit in promotion.get("limits", {}).items() if limit is not None}


def easy(program: Program, promotion: Json, basket: Basket) -> Deal:
    takes = [
        Take(program.column(count), units, reward=reward)
        for units, count in basket.takeable(promotion.get("target", {})).items()
        if (reward := _unit_reward(promotion["reward"], units, basket))
    ]
    return Deal(promotion, takes, [_rewards(takes)], {take.column: 1 for take in takes})


def easy_plus(program: Program, promotion: Json, basket: Basket) -> Deal:
    """One binary for each tier, and counts of its own. A unit may be taken only to reach the tier."""
    takes, tiers = [], []
    target = basket.takeable(promotion.get("target", {}))
    for tier in promotion["tiers"]:
        rewards = {units: _unit_reward(tier["reward"], units, basket) for units in target}
        net = sum(units.net * count for units, count in target.items())
        quantity_min, amount_min = tier.get("min_qty") or 0, tier.get("min_amount") or 0
        if not any(rewards.values()) or sum(target.values()) < quantity_min or net < amount_min:
            continue
        tiers.append(reached := program.column(1))
        taken = [Take(program.column(count), units, reward=rewards[units]) for units, count in target.items()]
        for take in taken:
            program.row({take.column: 1, reached: -target[take.units]}, high=0)
        program.row({**_counts(taken), reached: -max(1, quantity_min)}, low=0)
        if amount_min:
            program.row({**_nets(taken), reached: -amount_min}, low=0)
        takes += taken
    if len(tiers) > 1:
        program.row(dict.fromkeys(tiers, 1), high=1)
    return Deal(promotion, takes, [_rewards(takes)], dict.fromkeys(tiers, 1))


def line_special(program: Program, promotion: Json, basket: Basket) -> Deal:
    """Sets of one SKU or of the whole target, of which the cheapest are rewarded."""
    size, rewarded = promotion["n"], promotion["m"]
    groups: dict[str, dict[Units, int]] = defaultdict(dict)
    for units, count in basket.takeable(promotion.get("target", {})).items():
        groups[basket.lines[units.line].sku if promotion.get("same_sku") else ""][units] = count
    takes, applications = [], {}
    for group in groups.values():
        if sum(group.values()) < size or not any(_unit_reward(promotion["reward"], units, basket) for units in group):
            continue
        sets = program.column(sum(group.values()) // size)
        cheap = _rewarded(program, group, promotion["reward"], basket)
        full = [Take(program.column(n), units, is_rewarded=False) for units, n in group.items() if rewarded < size]
        program.row({**_counts(cheap), sets: -rewarded}, low=0, high=0)
        if full:
            program.row({**_counts(full), sets: rewarded - size}, low=0, high=0)
            _keep_cheaper(program, sets, [(cheap, rewarded)], [(_counts, full, size - rewarded)])
        takes += [*cheap, *full]
        applications[sets] = 1
    return Deal(promotion, takes, [_rewards(takes)], applications)


def combo(program: Program, promotion: Json, basket: Basket) -> Deal | None:
    """Sets that fill every slot; worth what their reward says, in total at most what the floors leave."""
    reward, takes = promotion["reward"], []
    slots = [(basket.takeable(slot.get("select", {})), slot["qty"]) for slot in promotion["slots"]]
    if any(sum(found.values()) < quantity for found, quantity in slots):
        return None
    sets = program.column(min(sum(found.values()) // quantity for found, quantity in slots))
    per_net = {"percent": min(reward["value"], SCALE), "set_price": SCALE, "set_amount": 0}[reward["kind"]]
    per_set = {"percent": 0, "set_price": -reward["value"], "set_amount": reward["value"]}[reward["kind"]] * SCALE
    spare = -per_set  # what the floors leave to a set beyond its reward, at worst
    for found, quantity in slots:
        taken = [Take(program.column(count), units) for units, count in found.items()]
        program.row({**_counts(taken), sets: -quantity}, low=0, high=0)
        takes += taken
        spare += quantity * min(basket.room(units) * SCALE - units.net * per_net for units in found)
    value = {take.column: take.units.net * per_net for take in takes if per_net} | ({sets: per_set} if per_set else {})
    room = {take.column: basket.room(take.units) * SCALE for take in takes}
    return Deal(promotion, takes, [value] if spare >= 0 else [value, room], {sets: 1}, is_set=True)


def group(program: Program, promotion: Json, basket: Basket) -> Deal | None:
    slot = {"select": promotion.get("target", {}), "qty": promotion["n"]}
    return combo(program, {**promotion, "slots": [slot]}, basket)


def requisite_target(program: Program, promotion: Json, basket: Basket) -> Deal | None:
    requisites = [(basket.takeable(slot.get("select", {})), slot) for slot in promotion.get("requisites", ())]
    targets = [(basket.takeable(slot.get("select", {})), slot["qty"]) for slot in promotion["targets"]]
    most = [sum(found.values()) // quantity for found, quantity in targets]
    for found, slot in requisites:
        if slot.get("qty"):
            most.append(sum(found.values()) // slot["qty"])
        if slot.get("min_amount"):
            most.append(sum(units.net * count for units, count in found.items()) // slot["min_amount"])
    if not min(most):
        return None
    applied = program.column(min(most))
    rewarded, consumed = [], []
    full: list[tuple[Measure, list[Take], int]] = []
    for found, quantity in targets:
        rewarded.append((_rewarded(program, found, promotion["reward"], basket), quantity))
        program.row({**_counts(rewarded[-1][0]), applied: -quantity}, low=0, high=0)
    for found, slot in requisites:
        taken = [Take(program.column(count), units, is_rewarded=False) for units, count in found.items()]
        consumed += taken
        if slot.get("qty"):
            full.append((_counts, taken, slot["qty"]))
            high = INFINITE if slot.get("min_amount") else 0
            program.row({**_counts(taken), applied: -slot["qty"]}, low=0, high=high)
        if slot.get("min_amount"):
            full.append((_nets, taken, slot["min_amount"]))
            program.row({**_nets(taken), applied: -slot["min_amount"]}, low=0)
    if promotion.get("lesser_value"):
        _keep_cheaper(program, applied, rewarded, full)
    takes = [take for taken, _ in rewarded for take in taken]
    return Deal(promotion, [*takes, *consumed], [_rewards(takes)], {applied: 1})


def whole_target(program: Program, promotion: Json, basket: Basket) -> Deal | None:
    """A threshold's reward, or a special's on its set scope: all of the target or nothing."""
    tier, multiples = tier_met(promotion, basket)
    target = basket.takeable(promotion.get("target", {}))
    if tier is None or not target:
        return None
    net = sum(units.net * count for units, count in target.items())
    reward = tier["reward"]
    value = {
        "percent": net * min(reward["value"], SCALE),
        "set_amount": reward["value"] * multiples * SCALE,
        "set_price": (net - reward["value"]) * SCALE,
    }[reward["kind"]]
    room = sum(basket.room(units) * count for units, count in target.items()) * SCALE
    cap = _limits(promotion).get("max_discount")
    value = min(value, room) if cap is None else min(value, room, cap * SCALE)
    if value <= 0:
        return None
    taken = program.column(1)
    takes = [Take(taken, units, times=count) for units, count in target.items()]
    return Deal(promotion, takes, [{taken: value}], {taken: multiples}, is_set=True)


def special(program: Program, promotion: Json, basket: Basket) -> Deal | None:
    kind = promotion["reward"]["kind"]
    is_whole = kind in {"set_amount", "set_price"} or (kind == "percent" and promotion.get("set_scope"))
    return (whole_target if is_whole else easy)(program, promotion, basket)


FAMILIES: dict[str, Callable[[Program, Json, Basket], Deal | None]] = {
    "easy": easy,
    "easy_plus": easy_plus,
    "line_special": line_special,
    "combo": combo,
    "group": group,
    "requisite_target": requisite_target,
    "basket_threshold": whole_target,
    "special": special,
}

Measure = Callable[[Iterable[Take]], dict[int, int]]


def _counts(takes: Iterable[Take]) -> dict[int, int]:
    return {take.column: 1 for take in takes}


def _nets(takes: Iterable[Take]) -> dict[int, int]:
    return {take.column: take.units.net for take in takes}


def _rewards(takes: Iterable[Take]) -> dict[int, int]:
    return {take.column: take.reward for take in takes if take.reward}


def _rewarded(program: Program, found: dict[Units, int], reward: Json, basket: Basket) -> list[Take]:
    return [
        Take(program.column(count), units, reward=_unit_reward(reward, units, basket)) for units, count in found.items()
    ]


def _unit_reward(reward: Json, units: Units, basket: Basket) -> int:
    """Return the exact discount on one unit, scaled."""
    off: int = {
        "percent": units.net * reward["value"],
        "amount": reward["value"] * SCALE,
        "unit_price": (units.net - reward["value"]) * SCALE,
    }[reward["kind"]]
    return max(0, min(off, basket.room(units) * SCALE))


def _keep_cheaper(
    program: Program, sets: int, rewarded: list[tuple[list[Take], int]], full: list[tuple[Measure, list[Take], int]]
) -> None:
    """No rewarded unit costs more than a full-price unit of its set.

    For each price level: with c of the sets holding a rewarded unit at or above it, all that these c sets hold at full
    price lies there too. Each slot is (its units, how many or how much of them a set holds).
    """
    if not full:
        return
    lowest = min(take.units.net for _, taken, _ in full for take in taken)
    for level in sorted({take.units.net for taken, _ in rewarded for take in taken if take.units.net > lowest}):
        high = program.column(int(program.most[sets]))
        for taken, quantity in rewarded:
            above = {take.column: 1 for take in taken if take.units.net >= level}
            if above:
                program.row({**above, high: -quantity}, high=0)
        for measure, taken, quantity in full:
            program.row({**measure(take for take in taken if take.units.net >= level), high: -quantity}, low=0)
