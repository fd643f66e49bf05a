"""Trying promotions on past orders, before any shopper sees them."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.orders import service as orders
from cloud.promotions import storage
from cloud.promotions.trial import (
    SHOWN_MAX,
    BadPack,
    CurrencyTrial,
    OrderTrial,
    PromotionTrial,
    Sums,
    Trial,
)
from shared.currencies import plain
from shared.model.order import Order
from shared.model.store import Store
from shared.promotions import engine
from shared.promotions.evaluation import Application, Evaluation
from shared.promotions.families import Promotion
from shared.promotions.gate import Context, Gate
from shared.promotions.pack import BadPromotion, Pack

FILE_BYTES_MAX = 64_000_000
TOLD_EVERY = 50  # orders


def pack_named(tx: Transaction, tenant_id: str, name: str) -> Pack:
    """Return the pack in a JSON file, or else the published one with this version. Raises BadPack, BadPromotion."""
    path = Path(name)
    text = storage.pack(tx, tenant_id, name)
    if text is not None:
        return Pack.from_text(text)
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise BadPack(pack=name, problem=f"the file has more than {FILE_BYTES_MAX // 1_000_000} MB")
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadPack(pack=name, problem="there is no such file, and no pack of this version") from error
    except (ValueError, RecursionError) as error:
        raise BadPack(pack=name, problem=f"the file is not JSON ({error})") from error
    promotions = found.get("promotions") if isinstance(found, dict) else found
    if not isinstance(promotions, list):
        raise BadPack(pack=name, problem="the file holds no list of promotions")
    try:
        pack = Pack.from_text(json.dumps(promotions))
    except BadPromotion as error:
        raise BadPack(pack=name, problem=error.title) from error
    ids = [promotion.id for promotion in pack.promotions]
    if twice := next((one for one in ids if ids.count(one) > 1), None) if len(set(ids)) < len(ids) else None:
        raise BadPack(pack=name, problem=f"two promotions have the id {twice!r}")
    return pack


def replay(
    tx: Transaction,
    tenant_id: str,
    promotions: Iterable[Promotion],
    *,
    limit: int,
    since: date | None = None,
    until: date | None = None,
    dates: bool = False,
    told: Callable[[int], None] = lambda _: None,
) -> Trial:
    """Price past orders with these promotions, each at its own time and with its own coupons and member.

    limit: at most so many orders, the last to arrive first. since, until: business days, inclusive.
    dates: the promotions' first and last days count. told: hears now and then how many orders were priced.
    """
    wanted = Pack.of(promotions)
    pack = wanted if dates else Pack.of(_undated(promotion) for promotion in wanted.promotions)
    stores = {store.id: store for store in fleet.stores(tx, tenant_id)}
    found: dict[str, _Tally] = defaultdict(_Tally)
    count = 0
    for order in orders.past(tx, tenant_id, since, until, limit):
        found[order.currency].add(order, _priced(order, pack, stores))
        count += 1
        if count % TOLD_EVERY == 0:
            told(count)
    return Trial(
        pack_version=wanted.version,
        promotions=len(wanted.promotions),
        orders=count,
        currencies=tuple(tally.result(currency) for currency, tally in sorted(found.items())),
    )


def _priced(order: Order, pack: Pack, stores: Mapping[str, Store]) -> Evaluation:
    """Price an order with a pack, beside the discounts that operators gave on it."""
    return engine.evaluate(order.lines, pack.with_own(order.own_promotions), _around(order, stores))


def _undated(promotion: Promotion) -> Promotion:
    """Return a promotion that holds on all days: those of a draft lie in the future, and the orders in the past."""
    gate = promotion.gate.model_copy(update={"from_": None, "to": None})
    # A copy would keep what the old gate had worked out about its window.
    return promotion.model_copy(update={"gate": Gate.model_validate_json(gate.model_dump_json())})


def _around(order: Order, stores: Mapping[str, Store]) -> Context:
    """Return what was known when an order was priced; orders of older daemons say only where and when."""
    if order.pricing is not None:
        return order.pricing.around
    store = stores[order.store_id]
    local = order.placed_at.astimezone(ZoneInfo(store.timezone)).replace(tzinfo=None, microsecond=0)
    return Context(now=local, store=store.code)


@dataclass(slots=True)
class _Tally:
    """Sums over the orders of one currency."""

    orders: int = 0
    different: int = 0
    unproven: int = 0
    gross_minor: int = 0
    before_minor: int = 0
    after_minor: int = 0
    names: dict[str, str] = field(default_factory=dict)
    before: dict[str, Sums] = field(default_factory=dict)
    after: dict[str, Sums] = field(default_factory=dict)
    biggest: list[OrderTrial] = field(default_factory=list)

    def add(self, order: Order, evaluation: Evaluation) -> None:
        after_minor = evaluation.discount_minor
        self.orders += 1
        self.unproven += not evaluation.proven
        self.gross_minor += order.gross_minor
        self.before_minor += order.discount_minor
        self.after_minor += after_minor
        self._count(self.before, order.applications)
        self._count(self.after, evaluation.applications)
        if after_minor != order.discount_minor:
            self.different += 1
            self._keep(order, after_minor)

    def _count(self, sums: dict[str, Sums], applications: Iterable[Application]) -> None:
        for use in applications:
            self.names.setdefault(use.promotion_id, use.name)
            known = sums.get(use.promotion_id, Sums())
            sums[use.promotion_id] = known.plus(use.times, use.discount_minor)

    def _keep(self, order: Order, after_minor: int) -> None:
        trial = OrderTrial(
            order_id=order.id,
            receipt_number=order.receipt_number,
            store_id=order.store_id,
            gross_minor=order.gross_minor,
            discount_before_minor=order.discount_minor,
            discount_after_minor=after_minor,
        )
        self.biggest.append(trial)
        self.biggest.sort(key=lambda one: -abs(one.discount_after_minor - one.discount_before_minor))
        del self.biggest[SHOWN_MAX:]

    def result(self, currency: str) -> CurrencyTrial:
        none = Sums()
        rows = [
            PromotionTrial(
                promotion_id=key, name=name, before=self.before.get(key, none), after=self.after.get(key, none)
            )
            for key, name in self.names.items()
        ]
        rows.sort(key=lambda row: (-row.after.discount_minor, -row.before.discount_minor, row.promotion_id))
        return CurrencyTrial(
            currency=currency,
            orders=self.orders,
            different=self.different,
            unproven=self.unproven,
            gross_minor=self.gross_minor,
            discount_before_minor=self.before_minor,
            discount_after_minor=self.after_minor,
            promotions=tuple(rows),
            biggest=tuple(self.biggest),
        )


def readable(trial: Trial) -> str:
    """Write a trial as tables for a terminal."""
    parts = [f"{trial.promotions} promotions (pack {trial.pack_version}) on {trial.orders} past orders"]
    if not trial.orders:
        parts.append("No order lies in that time; nothing was tried.")
    parts += [text for found in trial.currencies for text in _of_currency(found)]
    return "\n\n".join(parts)


def _of_currency(found: CurrencyTrial) -> Iterator[str]:
    def money(minor: int) -> str:
        return plain(minor, found.currency)

    more = found.discount_after_minor - found.discount_before_minor
    yield (
        f"{found.currency}: discount {money(found.discount_before_minor)} before, {money(found.discount_after_minor)} "
        f"after ({'+' if more >= 0 else ''}{money(more)}); {found.different} of {found.orders} orders differ"
        + (f", {found.unproven} not proven" if found.unproven else "")
    )
    head = ("promotion", "orders before", "after", "uses before", "after", "discount before", "after")
    rows = [
        (
            f"{row.promotion_id} {row.name}"[:40],
            str(row.before.orders), str(row.after.orders),
            str(row.before.applications), str(row.after.applications),
            money(row.before.discount_minor), money(row.after.discount_minor),
        )
        for row in found.promotions
    ]  # fmt: skip
    yield _table(head, rows)
    if found.biggest:
        yield _table(
            ("biggest differences", "gross", "before", "after"),
            [
                (
                    one.receipt_number,
                    *map(money, (one.gross_minor, one.discount_before_minor, one.discount_after_minor)),
                )
                for one in found.biggest
            ],
        )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay texts out in columns, the first to the left and the numbers to the right."""
    widths = [max(len(row[index]) for row in (head, *rows)) for index in range(len(head))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if index == 0 else text.rjust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    )
