"""From exact counts to whole minor units: each promotion rounds, and its discount falls on the units it rewards."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction

from tests.shared.promotions.oracle.basket import SCALE, Basket, Json, Units
from tests.shared.promotions.oracle.deals import Deal


@dataclass(frozen=True, slots=True)
class Part:
    """`count` like receivers of a shared amount."""

    weight: int
    room: int  # the most that one of them takes
    count: int = 1


def settled(basket: Basket, deals: list[Deal], counts: list[int]) -> tuple[Basket, dict[str, int]]:
    """Return the basket that the next layer sees, and what each promotion took off."""
    left = Counter(basket.counts)
    discounts = {}
    for deal in deals:
        taken, rewarded, rewards = _taken(deal, counts)
        discount = _rounded(deal, rewarded, rewards, counts)
        receiving = taken if deal.promotion.get("allocate") == "all" else rewarded
        lines = _by_line(basket, receiving, deal, discount, rewards)
        is_open = deal.promotion.get("exclusive") != "unit"
        left.subtract(taken)
        for units, count in (taken - receiving).items():
            left[Units(units.line, units.net, is_open)] += count
        for units, off, count in _by_unit(basket, receiving, lines, None if _shares_by_net(deal) else rewards):
            left[Units(units.line, units.net - off, is_open)] += count
        discounts[deal.promotion["id"]] = discount
    assert all(count >= 0 and units.net >= 0 for units, count in left.items())
    return Basket(basket.lines, +left), discounts


def _taken(deal: Deal, counts: list[int]) -> tuple[Counter[Units], Counter[Units], dict[Units, int]]:
    """Return the units consumed, those of them rewarded, and the exact reward of one, scaled."""
    taken: Counter[Units] = Counter()
    rewarded: Counter[Units] = Counter()
    rewards = {}
    for take in deal.takes:
        count = counts[take.column] * take.times
        taken[take.units] += count
        if take.is_rewarded and count:
            rewarded[take.units] += count
            rewards[take.units] = take.reward
    return +taken, +rewarded, rewards


def _rounds_once(deal: Deal) -> bool:
    offers: list[Json] = deal.promotion.get("tiers") or [deal.promotion]
    return deal.is_set or (
        bool(deal.promotion.get("set_scope")) and all(offer["reward"]["kind"] == "percent" for offer in offers)
    )


def _shares_by_net(deal: Deal) -> bool:
    return _rounds_once(deal) or deal.promotion.get("allocate") == "all"


def _rounded(deal: Deal, rewarded: Counter[Units], rewards: dict[Units, int], counts: list[int]) -> int:
    """Round half up, once for the promotion or once for each of its lines, and cap again."""
    by_line = _line_amounts(rewarded, rewards)
    discount = half_up(deal.exact(counts)) if _rounds_once(deal) else sum(by_line.values())
    return discount if deal.cap is None else min(discount, deal.cap)


def _line_amounts(rewarded: Counter[Units], rewards: dict[Units, int]) -> dict[int, int]:
    exact: Counter[int] = Counter()
    for units, count in rewarded.items():
        exact[units.line] += rewards[units] * count
    return {line: half_up(exact[line]) for line in sorted(exact)}


def _by_line(
    basket: Basket, receiving: Counter[Units], deal: Deal, discount: int, rewards: dict[Units, int]
) -> dict[int, int]:
    """Share a discount between lines: by net value, or as each line's own units earned it."""
    if not _shares_by_net(deal):
        amounts = _line_amounts(receiving, rewards)
        parts = {line: Part(amount, amount) for line, amount in amounts.items()}
    else:
        weights: Counter[int] = Counter()
        rooms: Counter[int] = Counter()
        for units, count in receiving.items():
            weights[units.line] += units.net * count
            rooms[units.line] += basket.room(units) * count
        parts = {line: Part(weights[line], rooms[line]) for line in sorted(weights)}
    shared = spread(discount, list(parts.values()))
    return {line: shares[0][0] for line, shares in zip(parts, shared, strict=True)}


def _by_unit(
    basket: Basket, receiving: Counter[Units], lines: dict[int, int], rewards: dict[Units, int] | None
) -> list[tuple[Units, int, int]]:
    """Share each line's discount between its units; return (units, off one of them, how many)."""
    found = []
    for line, amount in lines.items():
        among = sorted((units for units in receiving if units.line == line), key=lambda units: -units.net)
        parts = [
            Part(units.net if rewards is None else rewards[units], basket.room(units), receiving[units])
            for units in among
        ]
        for units, shares in zip(among, spread(amount, parts), strict=True):
            found += [(units, off, count) for off, count in shares]
    return found


def half_up(scaled: int) -> int:
    return (scaled + SCALE // 2) // SCALE


def spread(amount: int, parts: list[Part]) -> list[list[tuple[int, int]]]:
    """Share an amount by weight. Return for each part its (share of one receiver, how many receivers) pairs.

    What is beyond a receiver's room is shared again among the others. Spare minor units go to the largest remainders,
    the earlier part first.
    """
    full: set[int] = set()
    while True:
        left = amount - sum(parts[at].room * parts[at].count for at in full)
        weight = sum(part.weight * part.count for at, part in enumerate(parts) if at not in full)
        exact = [Fraction(left * part.weight, weight) if weight else Fraction(0) for part in parts]
        beyond = {at for at, part in enumerate(parts) if at not in full and exact[at] > part.room}
        if not beyond:
            break
        full |= beyond
    shares = [part.room if at in full else int(exact[at]) for at, part in enumerate(parts)]
    spare = amount - sum(share * part.count for share, part in zip(shares, parts, strict=True))
    extra: dict[int, int] = defaultdict(int)
    for at in sorted((at for at in range(len(parts)) if at not in full), key=lambda at: int(exact[at]) - exact[at]):
        if int(exact[at]) < exact[at]:
            extra[at] = min(spare, parts[at].count)
            spare -= extra[at]
    assert spare == 0, "the amount has no room"
    return [
        [pair for pair in ((shares[at] + 1, extra[at]), (shares[at], part.count - extra[at])) if pair[1]]
        for at, part in enumerate(parts)
    ]
