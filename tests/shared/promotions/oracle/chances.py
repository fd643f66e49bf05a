"""How often a random case has a feature, and the parts from which its promotions are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from random import Random

from tests.shared.promotions.oracle.basket import Json

PERCENTS = (333, 500, 1000, 1250, 2000, 2500, 3333, 5000, 7500, 10_000)  # basis points

USES = {"customer": ("max_uses_per_customer", "uses"), "total": ("max_uses_total", "uses_total")}


@dataclass(frozen=True, slots=True)
class Chances:
    """The probability of each feature: 0 is never, 1 is always."""

    same_sku: float = 0.15  # of a line: it sells what an earlier line sells
    undiscountable: float = 0.1
    floor: float = 0.2
    everything: float = 0.06  # of a selector: it leaves nothing out
    two_fields: float = 0.08  # it names skus and tags, and both must agree
    exclusion: float = 0.12
    price_range: float = 0.1
    not_discounted: float = 0.06
    gate: float = 0.3  # of a promotion
    shut: float = 0.25  # of a condition in a gate
    limits: float = 0.35
    exclusive_unit: float = 0.12
    exclusive_basket: float = 0.05
    set_scope: float = 0.12
    allocate_all: float = 0.2
    one_layer: float = 0.5  # of a case
    silent: float = 0.1  # of a promotion: something on which the specification may be read in two ways


PLAIN = Chances(**{feature.name: 0.0 for feature in fields(Chances)})  # no feature at all


@dataclass(slots=True)
class Draw:
    """Draws the parts of promotions for one basket, and remembers the features it used."""

    rng: Random
    chances: Chances
    lines: list[Json]
    context: Json
    unit: int  # what a cent of everyday prices is in minor units
    tags_most: int = 2
    skus: Sequence[str] = ()  # the promotion's own, when promotions do not compete
    features: set[str] = field(default_factory=set)

    def happens(self, feature: str) -> bool:
        """Tell whether a feature of `Chances` is used this time."""
        happens: bool = self.rng.random() < getattr(self.chances, feature)
        if happens:
            self.features.add(feature)
        return happens

    def note(self, feature: str) -> None:
        self.features.add(feature)

    def silent(self, feature: str) -> bool:
        """Tell whether to use something on which the specification is silent."""
        happens = self.rng.random() < self.chances.silent
        if happens:
            self.features.add(f"silent:{feature}")
        return happens

    def price(self) -> int:
        """Return a price of this basket."""
        price: int = self.rng.choice(self.lines)["unit_price"]
        return price

    def near(self, low: float, high: float) -> int:
        """Return money around a price of this basket, whole tens of cents where it can be."""
        money = int(self.price() * self.rng.uniform(low, high))
        return max(1, money // (10 * self.unit) * 10 * self.unit or money)

    def selector(self) -> Json:
        rng = self.rng
        every_sku = sorted({line["sku"] for line in self.lines})
        every_tag = sorted({tag for line in self.lines for tag in line["tags"]})
        select: Json = {}
        if self.skus:
            select["skus"] = sorted(rng.sample(self.skus, rng.randint(1, len(self.skus))))
        elif not self.happens("everything"):
            by_sku = rng.random() < 0.45
            has_both = self.happens("two_fields")
            if by_sku or has_both:
                select["skus"] = sorted(rng.sample(every_sku, min(len(every_sku), rng.randint(1, 4))))
            if not by_sku or has_both:
                select["tags"] = sorted(rng.sample(every_tag, min(len(every_tag), rng.randint(1, self.tags_most))))
        if self.happens("exclusion"):
            if rng.random() < 0.5:
                select["not_skus"] = [rng.choice(every_sku)]
            else:
                select["not_tags"] = [rng.choice(every_tag)]
        if self.happens("price_range"):
            select[rng.choice(["min_unit_price", "max_unit_price"])] = self.price()
        if self.happens("not_discounted"):
            select["not_discounted"] = True
        return select

    def unit_reward(self) -> Json:
        kind = self.rng.choice(["percent", "percent", "amount", "unit_price"])
        value = {
            "percent": self.rng.choice(PERCENTS),
            "amount": self.near(0.02, 0.6),
            "unit_price": self.near(0, 0.9) - (1 if self.rng.random() < 0.3 else 0),
        }[kind]
        return {"kind": kind, "value": value}

    def set_reward(self, size: int) -> Json:
        """Return the reward of a set of so many units."""
        kind = self.rng.choice(["percent", "set_amount", "set_price"])
        value = {
            "percent": self.rng.choice(PERCENTS),
            "set_amount": self.near(0.1, 0.9) + self.rng.choice([0, 0, 1]),
            "set_price": sum(self.near(0.3, 1) for _ in range(size)) - self.rng.choice([0, 0, 1]),
        }[kind]
        return {"kind": kind, "value": value}

    def limits(self, names: Sequence[str]) -> Json:
        """Return one or two limits of those names, often small enough to bind."""
        values = {
            "max_units": self.rng.randint(1, 6),
            "max_units_per_line": self.rng.randint(1, 3),
            "max_applications": self.rng.choice([1, 1, 2, 3]),
            "max_discount": self.near(0.1, 1.5) + self.rng.choice([0, 3]),
        }
        chosen = self.rng.sample(names, min(len(names), self.rng.choice([1, 1, 2])))
        for name in chosen:
            self.note(name)
        return {name: values[name] for name in sorted(chosen)}

    def gate(self, promotion_id: str) -> Json:
        """Return a gate with one or two conditions on the context, open or shut."""
        gate: Json = {}
        for _ in range(self.rng.choice([1, 1, 2])):
            name = self.rng.choice(["coupon", "member_tag", "from", "to", "days", "hours", "customer", "total"])
            self.note(f"gate:{name}")
            gate |= self._condition(name, promotion_id, is_shut=self.happens("shut"))
        return gate

    def _condition(self, name: str, promotion_id: str, *, is_shut: bool) -> Json:
        rng, now = self.rng, datetime.fromisoformat(self.context["now"])
        match name:
            case "coupon":
                return {"coupon": "C9" if is_shut else rng.choice(self.context["coupons"])}
            case "member_tag":
                return {"member_tag": "nobody" if is_shut else rng.choice(self.context["member_tags"])}
            case "from" | "to":
                away = timedelta(days=rng.randint(1, 9), minutes=rng.randint(0, 900))
                moment = now + away * (1 if is_shut else rng.choice([0, -1])) * (1 if name == "from" else -1)
                return {name: moment.date().isoformat() if rng.random() < 0.5 else moment.isoformat()}
            case "days":
                days = [day for day in range(1, 8) if rng.random() < 0.5 and day != now.isoweekday()]
                days = days or [now.isoweekday() % 7 + 1]
                return {"days": days if is_shut else sorted([*days, now.isoweekday()])}
            case "hours":
                return {"hours": self._hours(now.hour, is_shut=is_shut)}
            case _:
                limit, used = USES[name]
                most = rng.randint(1, 3)
                self.context[used][promotion_id] = most + rng.randint(0, 1) if is_shut else rng.randint(0, most - 1)
                return {limit: most}

    def _hours(self, hour: int, *, is_shut: bool) -> list[str] | list[int]:
        """Return an interval around the hour, or beside it. The hour is neither the first nor the last of a day."""
        if self.rng.random() < 0.3:
            start, end = (0, hour) if is_shut else (hour, 23)
        else:
            start, end = (hour + 1, 23) if is_shut else (self.rng.randint(0, hour), hour + 1)
        if self.silent("hours over midnight"):
            start, end = (end, start)
        return [start, end] if self.rng.random() < 0.4 else [f"{start:02d}:00", f"{end:02d}:00"]
