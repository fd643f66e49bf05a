"""What holds for every basket and every pack, whatever the optimum is.

A failure names the seed of its basket; `PROMOTIONS_SEED` moves on to others.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from shared.model.basket import BasketLine
from shared.promotions import cases
from shared.promotions.engine import evaluate
from shared.promotions.evaluation import Application, Evaluation, Part
from shared.promotions.families import Promotion
from shared.promotions.gate import Context
from shared.promotions.pack import Pack
from tests.shared.promotions.examples import of_case
from tests.shared.promotions.oracle.chances import Chances
from tests.shared.promotions.oracle.generator import random_case

Json = dict[str, Any]

SEED = int(os.environ.get("PROMOTIONS_SEED", "0"))
BASKETS = 300
ANY = Chances()
ONE_LAYER = replace(ANY, one_layer=1)
MONEY = {"unit_price", "floor_price", "min_amount", "over_amount", "min_unit_price", "max_unit_price", "max_discount"}


def drawn(chances: Chances = ANY, baskets: int = BASKETS) -> Iterator[tuple[int, Json]]:
    """Return random cases, each with its seed."""
    return ((seed, random_case(Random(seed), chances=chances)) for seed in range(SEED, SEED + baskets))


def evaluated() -> Iterator[tuple[int, list[BasketLine], dict[str, Promotion], Context, Evaluation]]:
    for seed, case in drawn():
        lines, offers, around = of_case(case)
        yield seed, lines, {offer.id: offer for offer in offers}, around, evaluate(lines, Pack.of(offers), around)


def whole(told: Any, factor: int = 10) -> Any:
    """Return a case whose discounts are whole minor units, so that nothing is rounded: money is multiplied by a factor
    of ten, and percentages are tens.
    """
    if isinstance(told, list):
        return [whole(item, factor) for item in told]
    if not isinstance(told, dict):
        return told
    if told.get("kind") == "percent":
        return {"kind": "percent", "value": max(told["value"] // 1_000, 1) * 1_000}
    if "kind" in told:
        return {"kind": told["kind"], "value": told["value"] * factor}
    return {name: value * factor if name in MONEY else whole(value, factor) for name, value in told.items()}


def test_no_order_of_lines_or_promotions_changes_a_byte() -> None:
    for seed, case in drawn():
        lines, offers, around = of_case(case)
        before = evaluate(lines, Pack.of(offers), around).model_dump_json()

        chance = Random(seed)
        chance.shuffle(lines)
        chance.shuffle(offers)

        assert evaluate(lines, Pack.of(offers), around).model_dump_json() == before, seed


def test_a_pack_that_priced_other_baskets_prices_as_a_fresh_one() -> None:
    for seed, case in drawn():
        lines, offers, around = of_case(case)
        fresh = evaluate(lines, Pack.of(offers), around).model_dump_json()
        used = Pack.of(offers)

        for fewer in range(len(lines)):  # as they were scanned
            evaluate(lines[:fewer], used, around)
        evaluate([line.model_copy(update={"quantity": line.quantity + 1}) for line in lines], used)

        assert evaluate(lines, used, around).model_dump_json() == fresh, seed
        assert evaluate(lines, used, around).model_dump_json() == fresh, seed


def test_splitting_a_line_in_two_never_changes_the_total() -> None:
    for seed, case in drawn(ONE_LAYER):
        told = whole(case)
        for offer in told["promotions"]:
            offer.get("limits", {}).pop("max_units_per_line", None)
        at = Random(seed).randrange(len(told["lines"]))
        cut = {**told["lines"][at], "id": "L0", "qty": told["lines"][at]["qty"] // 2}
        rest = {**told["lines"][at], "qty": told["lines"][at]["qty"] - cut["qty"]}
        lines = [*told["lines"][:at], rest, *told["lines"][at + 1 :], cut]

        assert cases.evaluate({**told, "lines": lines})["total"] == cases.evaluate(told)["total"], seed


def test_another_promotion_never_lowers_the_discount_of_a_layer() -> None:
    for seed, case in drawn(ONE_LAYER):
        told = whole(case)
        best = cases.evaluate(told)["discount"]

        for offer in told["promotions"]:
            others = [other for other in told["promotions"] if other is not offer]
            assert cases.evaluate({**told, "promotions": others})["discount"] <= best, (seed, offer["id"])


def test_a_thousandfold_of_all_money_is_a_thousandfold_discount() -> None:
    for seed, case in drawn(ONE_LAYER):
        little, much = cases.evaluate(whole(case)), cases.evaluate(whole(case, 10_000))

        assert much["discount"] == 1_000 * little["discount"], seed


def test_discounts_add_up() -> None:
    for seed, lines, _, _, evaluation in evaluated():
        assert evaluation.discount_minor == sum(evaluation.line_discount_minor(line.number) for line in lines), seed
        for use in evaluation.applications:
            assert use.discount_minor == sum(part.discount_minor for part in use.parts) > 0, seed
            assert use.net_minor == sum(part.units * part.net_minor for part in use.parts), seed
            assert [part.line_number for part in use.parts] == sorted(part.line_number for part in use.parts), seed


def test_no_unit_is_sold_below_its_floor_and_none_without_leave() -> None:
    for seed, lines, _, _, evaluation in evaluated():
        by_number = {line.number: line for line in lines}
        for part in (part for use in evaluation.applications for part in use.parts):
            line = by_number[part.line_number]
            dearest_off = -(-part.discount_minor // part.units)
            assert line.discountable, seed
            assert part.net_minor - dearest_off >= line.floor_price_minor >= 0, (seed, part)


def test_no_unit_is_consumed_twice_in_a_layer_or_after_it_was_closed() -> None:
    for seed, lines, offers, _, evaluation in evaluated():
        shelf = Counter({(line.number, line.unit_price_minor): line.quantity for line in lines})
        for layer in sorted({use.layer for use in evaluation.applications}):
            back: Counter[tuple[int, int]] = Counter()
            for use in evaluation.applications:
                for part in use.parts if use.layer == layer else ():
                    shelf[part.line_number, part.net_minor] -= part.units
                    assert shelf[part.line_number, part.net_minor] >= 0, (seed, use.promotion_id)
                    if offers[use.promotion_id].exclusive != "unit":
                        back.update(after(part))
            shelf += back


def after(part: Part) -> dict[tuple[int, int], int]:
    """Return what a part's units cost afterwards, and how many do."""
    each, dearer = divmod(part.discount_minor, part.units)
    nets = {(part.line_number, part.net_minor - each): part.units - dearer}
    return nets | ({(part.line_number, part.net_minor - each - 1): dearer} if dearer else {})


def test_limits_hold() -> None:
    for seed, _, offers, _, evaluation in evaluated():
        for use in evaluation.applications:
            assert within_limits(use, offers[use.promotion_id]), (seed, use.promotion_id)


def within_limits(use: Application, offer: Promotion) -> bool:
    per_line: Counter[int] = Counter()
    for part in use.parts:
        per_line[part.line_number] += part.units
    taken = {
        "max_units": per_line.total(),
        "max_units_per_line": max(per_line.values()),
        "max_applications": use.times,
        "max_discount": use.discount_minor,
    }
    return all(most is None or taken[name] <= most for name, most in offer.limits.model_dump().items() if name in taken)


def test_a_promotion_either_applies_or_says_why_not() -> None:
    for seed, lines, offers, around, evaluation in evaluated():
        applied = [use.promotion_id for use in evaluation.applications]
        refused = [refusal.promotion_id for refusal in evaluation.refusals]
        assert len({*applied, *refused}) == len(applied) + len(refused), seed
        for offer in offers.values():
            is_known = any(
                selector.takes(line.sku, line.category, line.brand, line.tags, line.unit_price_minor)
                for selector in offer.selectors
                for line in lines
            )
            shut = offer.gate.shut(offer.id, around)
            assert not (shut and offer.id in applied), seed
            if shut != "coupon":  # one that is not there says nothing
                assert (offer.id in {*applied, *refused}) == is_known, (seed, offer.id)


def test_what_stands_alone_has_nothing_beside_it() -> None:
    alone = 0
    for seed, _, offers, _, evaluation in evaluated():
        applied = [offers[use.promotion_id] for use in evaluation.applications]
        if any(offer.exclusive == "basket" for offer in applied):
            alone += 1
            assert len(applied) == 1, seed

    assert alone


def test_a_log_reads_back_as_it_was_written() -> None:
    for seed, _, _, _, evaluation in evaluated():
        assert Evaluation.model_validate_json(evaluation.model_dump_json()) == evaluation, seed
