"""Random cases in the case format, the same ones for the same seed.

A case lists what it exercises under `features`; a name that begins with "silent:" stands for something on which the
specification may be read in two ways.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from tests.shared.promotions.oracle.basket import Json
from tests.shared.promotions.oracle.chances import PERCENTS, PLAIN, Chances, Draw

ALL = (
    "easy",
    "easy_plus",
    "line_special",
    "combo",
    "group",
    "requisite_target",
    "basket_threshold",
    "special",
)
CURRENCIES = {0: "JPY", 2: "EUR", 3: "KWD"}
PRICES = (1, 7, 50, 99, 199, 250, 333, 667, 999, 1000, 1250)
COUPONS = ("C1", "C2", "C3", "C4")
TAGS = ("A", "B", "C", "D")
CROWDED = replace(PLAIN, limits=0.15)


def random_case(
    rng: Random,
    lines: tuple[int, int] = (2, 8),
    quantity: tuple[int, int] = (1, 4),
    promotions: tuple[int, int] = (2, 7),
    families: Sequence[str] = ALL,
    competing: bool = True,
    layers: Sequence[int] = (1, 2, 3),
    exponents: Sequence[int] = (2, 2, 2, 2, 0, 3),
    chances: Chances | None = None,
) -> Json:
    """Return a basket and promotions, as many as lie within the (least, most) given.

    competing: promotions select from the whole basket; else each has SKUs of its own, as far as there are enough.
    layers: the first of them alone, or (by `Chances.one_layer`) all of them.
    """
    chances = chances or Chances()
    exponent = rng.choice(exponents)
    draw = Draw(rng, chances, [], _context(rng), unit=10 if exponent == 3 else 1)
    _add_lines(draw, rng.randint(*lines), quantity)
    numbers = list(layers[:1] if draw.happens("one_layer") else layers)
    count = rng.randint(*promotions)
    every_sku = sorted({line["sku"] for line in draw.lines})
    offers = []
    for at in range(count):
        draw.skus = () if competing else every_sku[at::count] or [rng.choice(every_sku)]
        offers.append(_promotion(draw, f"P{at + 1}", rng.choice(families), numbers))
    return _case(draw, f"random-{rng.getrandbits(40):010x}", exponent, offers)


def crowded_case(rng: Random, lines: int, promotions: int) -> Json:
    """Return a case for benchmarks: in one layer, each promotion names some SKUs of the basket or one of few tags."""
    draw = Draw(rng, CROWDED, [], _context(rng), unit=1, tags_most=1)
    tags = [f"T{number + 1}" for number in range(max(3, lines // 4))]
    for at in range(lines):
        price = rng.choice([rng.randrange(50, 1500, 10), rng.randint(50, 1500)])
        own = sorted(rng.sample(tags, rng.choice([1, 1, 2])))
        draw.lines.append(
            {"id": f"L{at + 1}", "sku": f"S{at + 1}", "unit_price": price, "qty": rng.randint(1, 6), "tags": own}
        )
    offers = [_promotion(draw, f"P{at + 1}", rng.choice(ALL), [1]) for at in range(promotions)]
    return _case(draw, f"crowded-{lines}-{promotions}-{rng.getrandbits(40):010x}", 2, offers)


def _case(draw: Draw, case_id: str, exponent: int, offers: list[Json]) -> Json:
    return {
        "id": case_id,
        "currency": CURRENCIES[exponent],
        "exponent": exponent,
        "context": draw.context,
        "lines": draw.lines,
        "promotions": offers,
        "features": sorted(draw.features),
        "check": {"lines": "none"},
    }


def _context(rng: Random) -> Json:
    """Return a context in which gates can be open: some coupons, a moment within a day, uses filled in later."""
    away = timedelta(days=rng.randint(0, 13), hours=rng.randint(1, 21), minutes=rng.randint(0, 59))
    now = datetime.fromisoformat("2026-03-02T00:00") + away
    return {
        "coupons": sorted(rng.sample(COUPONS, rng.randint(1, 3))),
        "member_tags": sorted(rng.sample(["gold", "staff", "club"], rng.randint(1, 2))),
        "now": now.isoformat(),
        "uses": {},
        "uses_total": {},
    }


def _add_lines(draw: Draw, count: int, quantity: tuple[int, int]) -> None:
    rng = draw.rng
    for at in range(count):
        price = rng.choice([rng.choice(PRICES), rng.randrange(50, 1500, 10), rng.randrange(50, 1500, 10)]) * draw.unit
        price += rng.choice([0, 3, 5]) if draw.unit > 1 else 0
        line: Json = {"id": f"L{at + 1}", "sku": f"S{at + 1}", "unit_price": price, "qty": rng.randint(*quantity)}
        line["tags"] = sorted(rng.sample(TAGS, rng.choice([1, 1, 2])))
        if at and draw.happens("same_sku"):
            twin = rng.choice(draw.lines)
            line |= {"sku": twin["sku"], "tags": twin["tags"]}
            if rng.random() < 0.5:
                line["unit_price"] = twin["unit_price"]
        if draw.happens("undiscountable"):
            line["discountable"] = False
        if draw.happens("floor"):
            line["floor_price"] = rng.choice([line["unit_price"], rng.randint(0, line["unit_price"])])
        draw.lines.append(line)


def _promotion(draw: Draw, promotion_id: str, family: str, numbers: list[int]) -> Json:
    rng = draw.rng
    draw.note(family)
    promotion: Json = {"id": promotion_id, "family": family, "layer": rng.choice(numbers)}
    promotion |= OFFERS[family](draw)
    is_whole = _takes_whole_target(promotion)
    if draw.happens("exclusive_unit"):
        if not is_whole or draw.silent("a whole target closed to later layers"):
            promotion["exclusive"] = "unit"
    elif draw.happens("exclusive_basket"):
        promotion["exclusive"] = "basket"
    if draw.happens("gate"):
        promotion["gate"] = draw.gate(promotion_id)
    if draw.happens("limits"):
        names = ["max_units", "max_units_per_line", "max_applications", "max_discount"]
        if is_whole:
            names = names if draw.silent("a limit of a whole target") else ["max_discount"]
        elif family == "requisite_target" and any("min_amount" in slot for slot in promotion["requisites"]):
            names.remove("max_applications")
        promotion["limits"] = {**promotion.get("limits", {}), **draw.limits(names)}
    if draw.happens("allocate_all"):
        promotion["allocate"] = "all"
    if family in {"easy", "easy_plus", "line_special", "requisite_target"} and draw.happens("set_scope"):
        promotion["set_scope"] = True
    return promotion


def _takes_whole_target(promotion: Json) -> bool:
    if promotion["family"] != "special":
        return bool(promotion["family"] == "basket_threshold")
    return "set_scope" in promotion or promotion["reward"]["kind"] == "set_amount"


def _easy(draw: Draw) -> Json:
    return {"target": draw.selector(), "reward": draw.unit_reward()}


def _special(draw: Draw) -> Json:
    kind = draw.rng.choice(["unit", "unit", "set_amount", "percent"])
    offer: Json = {"target": draw.selector()}
    if kind == "unit":
        offer["reward"] = draw.unit_reward()
    elif kind == "set_amount":
        offer["reward"] = {"kind": "set_amount", "value": draw.near(0.2, 2)}
    else:
        offer |= {"reward": {"kind": "percent", "value": draw.rng.choice(PERCENTS)}, "set_scope": True}
    return offer


def _easy_plus(draw: Draw) -> Json:
    rng = draw.rng
    threshold = rng.choice(["min_qty", "min_qty", "min_amount"])
    count = rng.choice([1, 2, 2, 3])
    levels = sorted(rng.sample(range(1, 8), count) if threshold == "min_qty" else _amounts(draw, count))
    kind = rng.choice(["percent", "percent", "amount", "unit_price"])
    values = sorted(rng.sample(PERCENTS, count) if kind == "percent" else (draw.near(0.05, 0.7) for _ in levels))
    if kind == "unit_price":
        values.reverse()
    tiers = [
        {threshold: level, "reward": {"kind": kind, "value": value}}
        for level, value in zip(levels, values, strict=True)
    ]
    return {"target": draw.selector(), "tiers": tiers}


def _line_special(draw: Draw) -> Json:
    size = draw.rng.choice([2, 2, 3, 3, 4])
    rewarded = draw.rng.choice([1, 1, 1, 2, size])
    same_sku = draw.rng.random() < 0.4
    return {"target": draw.selector(), "n": size, "m": rewarded, "same_sku": same_sku, "reward": draw.unit_reward()}


def _combo(draw: Draw) -> Json:
    quantities = [draw.rng.choice([1, 1, 1, 2]) for _ in range(draw.rng.choice([2, 2, 3]))]
    slots = [{"select": draw.selector(), "qty": quantity} for quantity in quantities]
    return {"slots": slots, "reward": draw.set_reward(sum(quantities))}


def _group(draw: Draw) -> Json:
    size = draw.rng.choice([2, 2, 3, 3, 4])
    return {"target": draw.selector(), "n": size, "reward": draw.set_reward(size)}


def _requisite_target(draw: Draw) -> Json:
    rng = draw.rng
    requisites = [{"select": draw.selector(), "qty": rng.choice([1, 1, 2, 3])} for _ in range(rng.choice([1, 1, 1, 2]))]
    targets = [{"select": draw.selector(), "qty": rng.choice([1, 1, 2])} for _ in range(rng.choice([1, 1, 1, 2]))]
    offer: Json = {"requisites": requisites, "targets": targets, "reward": draw.unit_reward()}
    offer["lesser_value"] = rng.random() < 0.35
    if rng.random() < 0.2:
        draw.note("requisite min_amount")
        del requisites[0]["qty"]
        requisites[0]["min_amount"] = draw.near(0.5, 3)
        if not draw.silent("an amount for each of several applications"):
            offer["limits"] = {"max_applications": 1}
        if offer["lesser_value"]:
            offer["lesser_value"] = draw.silent("lesser value than an amount")
    return offer


def _basket_threshold(draw: Draw) -> Json:
    rng = draw.rng
    threshold = rng.choice(["min_amount", "min_amount", "over_amount", "min_qty"])
    count = rng.choice([1, 1, 2, 3])
    units = sum(line["qty"] for line in draw.lines)
    levels = sorted(rng.sample(range(1, units + count), count) if threshold == "min_qty" else _amounts(draw, count))
    kind = rng.choice(["percent", "percent", "set_amount"])
    values = sorted(rng.sample(PERCENTS, count) if kind == "percent" else (draw.near(0.1, 1.5) for _ in levels))
    tiers: list[Json] = [
        {threshold: level, "reward": {"kind": kind, "value": value}}
        for level, value in zip(levels, values, strict=True)
    ]
    if threshold != "min_qty" and rng.random() < 0.2:
        draw.note("two thresholds")
        tiers[-1]["min_qty"] = rng.randint(1, units)
    repeat = kind == "set_amount" and rng.random() < 0.4
    if repeat and ("over_amount" in tiers[-1] or len(tiers[-1]) > 2):
        repeat = draw.silent("multiples of two thresholds or of over_amount")
    if repeat:
        draw.note("repeat")
    basis = rng.choice(["net", "net", "gross"])
    draw.note(f"basis {basis}")
    draw.note(threshold)
    return {
        "qualify": rng.choice([{}, draw.selector()]),
        "target": rng.choice([{}, draw.selector()]),
        "tiers": tiers,
        "basis": basis,
        "repeat": repeat,
    }


def _amounts(draw: Draw, count: int) -> list[int]:
    """Return different thresholds up to a little above the basket's total; now and then the total itself."""
    total = sum(line["unit_price"] * line["qty"] for line in draw.lines)
    amounts: set[int] = set()
    while len(amounts) < count:
        amounts.add(max(1, draw.rng.choice([total, *(int(total * draw.rng.uniform(0.1, 1.1)) for _ in range(5))])))
        total += 1  # so that small baskets have enough of them, too
    return sorted(amounts)


OFFERS: dict[str, Callable[[Draw], Json]] = {
    "easy": _easy,
    "easy_plus": _easy_plus,
    "line_special": _line_special,
    "combo": _combo,
    "group": _group,
    "requisite_target": _requisite_target,
    "basket_threshold": _basket_threshold,
    "special": _special,
}
