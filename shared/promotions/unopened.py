"""Promotions that only lacked their coupon, for the person who asks why a basket got nothing from them.

The log of an evaluation leaves them out, as a pack may have thousands and a scan must not pay for coupons that nobody
has.
"""

from collections.abc import Sequence
from dataclasses import replace

from shared.promotions.engine import evaluate
from shared.promotions.evaluation import Refusal
from shared.promotions.gate import Context
from shared.promotions.pack import Pack
from shared.promotions.shelf import Line

ASKED_MAX = 200  # promotions tried, those of the first layers first; some tenths of a second


def unopened(lines: Sequence[Line], pack: Pack, around: Context) -> tuple[Refusal, ...]:
    """Return a refusal for each promotion that would take something off by itself if its coupon were shown."""
    hidden = sorted(pack.coupons - around.coupons)
    places = {place for line in lines for place, _ in pack.coupon_takers(line, hidden)}
    refusals = []
    for place in sorted(places, key=lambda place: (pack.promotions[place].layer, place))[:ASKED_MAX]:
        promotion = pack.promotions[place]
        coupons = around.coupons | {promotion.gate.coupon or ""}
        alone = evaluate(lines, Pack.of((promotion,)), replace(around, coupons=coupons))
        for use in alone.applications:
            numbers = tuple(sorted({part.line_number for part in use.parts}))
            refusals.append(
                Refusal(promotion_id=promotion.id, name=promotion.title, reason="coupon", line_numbers=numbers)
            )
    return tuple(refusals)
