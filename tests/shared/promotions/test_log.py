"""The log of an evaluation says what each promotion did, and of the others why they did nothing and what they lack."""

from datetime import datetime
from typing import Any

import pytest

from shared.promotions.engine import evaluate
from shared.promotions.evaluation import Application, Evaluation, Part
from shared.promotions.families import Promotion
from shared.promotions.gate import Context
from shared.promotions.pack import EMPTY, Pack
from tests.shared.promotions.examples import (
    FREE,
    amount,
    basket,
    line,
    offer,
    parts,
    percent,
    priced,
    reasons,
    refused,
    set_amount,
    set_price,
    skus,
    tags,
    unit_price,
)

LUNCH = datetime(2026, 3, 6, 12, 30)  # noqa: DTZ001  # the store's local time has no zone


def lack(evaluation: Evaluation) -> tuple[str, int, int]:
    (refusal,) = evaluation.refusals
    return refusal.reason, refusal.missing_quantity, refusal.missing_minor


def test_an_evaluation_names_its_pack_and_its_clock() -> None:
    pack = Pack.of([offer("p", "easy", reward=percent(1_000))])

    evaluation = evaluate(basket(line("tea", 100)), pack, Context(now=LUNCH))

    assert (evaluation.pack_version, evaluation.at) == (pack.version, "2026-03-06T12:30:00")
    assert evaluate([], EMPTY) == Evaluation(pack_version=EMPTY.version)


def test_an_application_tells_all_that_it_did() -> None:
    ink = offer(
        "ink",
        "requisite_target",
        name="Ink at half price",
        version=3,
        layer=7,
        gate={"member_tag": "gold"},
        requisites=[{"select": skus("printer")}],
        targets=[{"select": skus("ink"), "qty": 2}],
        reward=percent(3_333),
    )
    member = Context(member_tags=frozenset({"gold", "club"}))

    evaluation = priced([line("ink", 251, 5), line("printer", 9_000)], ink, around=member)

    assert evaluation.applications == (
        Application(
            promotion_id="ink",
            name="Ink at half price",
            version=3,
            family="requisite_target",
            layer=7,
            times=1,
            parts=(
                Part(line_number=1, role="rewarded", units=2, net_minor=251, discount_minor=167),
                Part(line_number=2, role="full", units=1, net_minor=9_000, discount_minor=0),
            ),
            net_minor=9_502,
            discount_minor=167,
            residue=-3_166,  # 167.3166 was rounded down
            opened_by="gold",
        ),
    )


def test_applications_stand_in_order_of_layer_and_then_of_preference() -> None:
    offers = [
        offer("z", "easy", layer=1, target=skus("a"), reward=amount(1)),
        offer("b", "easy", layer=1, target=skus("b"), reward=amount(1)),
        offer("P10", "easy", layer=1, target=skus("c"), reward=amount(1)),
        offer("first", "easy", layer=1, priority=1, target=skus("d"), reward=amount(1)),
        offer("a", "easy", layer=2, reward=amount(1)),
    ]

    evaluation = priced([line(sku, 100) for sku in "abcd"], *offers)

    assert [use.promotion_id for use in evaluation.applications] == ["first", "P10", "b", "z", "a"]


def test_units_of_one_line_stand_dearest_first_and_rewarded_before_full() -> None:
    cheaper = offer("cheaper", "easy", layer=1, limits={"max_units": 2}, reward=amount(10))
    pair = offer("pair", "line_special", layer=2, n=2, reward=FREE)

    evaluation = priced([line("tea", 100, 4)], cheaper, pair)

    assert [(part.role, part.units, part.net_minor) for part in evaluation.applications[1].parts] == [
        ("rewarded", 1, 100),
        ("rewarded", 1, 90),
        ("full", 1, 100),
        ("full", 1, 90),
    ]


@pytest.mark.parametrize(
    ("price", "quantity", "residue"),
    [(33, 1, 5_000), (33, 2, 0), (34, 1, 0), (1, 3, 5_000)],  # 16.5 became 17
)
def test_a_residue_is_what_rounding_added(price: int, quantity: int, residue: int) -> None:
    evaluation = priced([line("tea", price, quantity)], offer("half", "easy", reward=percent(5_000)))

    assert [use.residue for use in evaluation.applications] == [residue]


def test_an_application_that_rounds_to_nothing_is_not_told() -> None:
    evaluation = priced([line("nut", 1, 4)], offer("tenth", "easy", reward=percent(1_000)))

    assert (evaluation.applications, reasons(evaluation)) == ((), {"tenth": "no_gain"})


SHORT: list[tuple[str, dict[str, Any], int, int]] = [
    ("group", {"n": 5, "reward": set_price(100)}, 2, 0),
    ("line_special", {"n": 4, "reward": FREE}, 1, 0),
    ("line_special", {"n": 4, "same_sku": True, "reward": FREE}, 2, 0),  # two of tea are the most there are
    ("combo", {"slots": [{"select": skus("tea"), "qty": 3}, {"select": skus("bun")}], "reward": FREE}, 1, 0),
    ("combo", {"slots": [{"select": skus("tea"), "qty": 3}, {"select": skus("ham"), "qty": 2}], "reward": FREE}, 3, 0),
    ("easy_plus", {"tiers": [{"min_qty": 4, "reward": FREE}, {"min_qty": 9, "reward": FREE}]}, 1, 0),
    ("easy_plus", {"tiers": [{"min_amount": 500, "reward": FREE}]}, 0, 150),
    ("basket_threshold", {"tiers": [{"min_amount": 351, "reward": set_amount(9)}]}, 0, 1),
    ("basket_threshold", {"tiers": [{"over_amount": 350, "reward": set_amount(9)}]}, 0, 1),
    ("basket_threshold", {"tiers": [{"min_qty": 5, "reward": set_amount(9)}]}, 2, 0),
    ("basket_threshold", {"tiers": [{"min_qty": 4, "min_amount": 400, "reward": set_amount(9)}]}, 1, 50),
    ("requisite_target", {"requisites": [{"qty": 4}], "targets": [{}], "reward": FREE}, 2, 0),
    ("requisite_target", {"requisites": [{"select": skus("tea"), "qty": 3}], "targets": [{}], "reward": FREE}, 1, 0),
    ("requisite_target", {"requisites": [{"min_amount": 400}], "targets": [{}], "reward": FREE}, 0, 50),
]


@pytest.mark.parametrize(("family", "fields", "quantity", "minor"), SHORT)
def test_what_is_short_says_how_much(family: str, fields: dict[str, Any], quantity: int, minor: int) -> None:
    evaluation = priced([line("tea", 100, 2), line("bun", 150)], offer("p", family, **fields))

    assert lack(evaluation) == ("short", quantity, minor)


def test_one_unit_cannot_be_bought_and_free() -> None:
    bogo = offer(
        "bogo", "requisite_target", requisites=[{"select": skus("tea")}], targets=[{"select": skus("tea")}], reward=FREE
    )

    assert lack(priced([line("tea", 100)], bogo)) == ("short", 1, 0)


def test_one_unit_cannot_fill_two_slots() -> None:
    slots = [{"select": tags("x")}, {"select": tags("x")}, {"select": tags("y")}]
    lines = [line("a", 100, tags=("x",)), line("b", 100, 2, tags=("y",))]

    assert lack(priced(lines, offer("trio", "combo", slots=slots, reward=FREE))) == ("short", 1, 0)


def test_who_was_outbid_learns_by_whom() -> None:
    free = offer("free", "line_special", n=3, reward=FREE)
    fifth = offer("fifth", "easy", target=skus("bun"), reward=percent(2_000))
    tenth = offer("tenth", "easy", reward=percent(1_000))

    evaluation = priced([line("tea", 100, 3), line("bun", 50)], free, fifth, tenth)

    refusal = refused(evaluation)["tenth"]
    assert (refusal.reason, refusal.taken_by, refusal.line_numbers) == ("outbid", ("fifth", "free"), (1, 2))
    assert reasons(evaluation) == {"tenth": "outbid"}


@pytest.mark.parametrize("reward", [percent(0), amount(0), unit_price(100), unit_price(999)])
def test_what_takes_nothing_off_gains_nothing(reward: Any) -> None:
    assert lack(priced([line("tea", 100)], offer("p", "easy", reward=reward))) == ("no_gain", 0, 0)


@pytest.mark.parametrize("limits", [{"max_units": 0}, {"max_applications": 0}, {"max_discount": 0}])
def test_what_is_limited_to_nothing_gains_nothing(limits: Any) -> None:
    assert lack(priced([line("tea", 100)], offer("p", "easy", limits=limits, reward=FREE))) == ("no_gain", 0, 0)


LATER: list[tuple[str, dict[str, Any]]] = [
    ("easy", {"reward": FREE}),
    ("special", {"reward": set_amount(9)}),
    ("group", {"n": 2, "reward": set_price(9)}),
    ("line_special", {"n": 2, "reward": FREE}),
    ("requisite_target", {"requisites": [{}], "targets": [{}], "reward": FREE}),
]


@pytest.mark.parametrize(("family", "fields"), LATER)
def test_units_that_an_earlier_layer_closed_are_taken(family: str, fields: dict[str, Any]) -> None:
    first = offer("first", "easy", layer=1, exclusive="unit", reward=percent(1_000))

    assert reasons(priced([line("tea", 100, 2)], first, offer("p", family, layer=2, **fields))) == {"p": "taken"}


def test_units_that_an_earlier_layer_made_cheaper_are_taken_from_who_wants_full_prices() -> None:
    first = offer("first", "easy", layer=1, reward=percent(1_000))
    full = offer("full", "easy", layer=2, target={"not_discounted": True}, reward=FREE)

    assert reasons(priced([line("tea", 100, 2)], first, full)) == {"full": "taken"}


@pytest.mark.parametrize(("family", "fields"), LATER)
def test_nobody_took_what_must_not_be_discounted(family: str, fields: dict[str, Any]) -> None:
    lines = [line("gift", 100, 2, discountable=False)]

    assert reasons(priced(lines, offer("p", family, **fields)))["p"] in {"no_gain", "short"}


def test_a_shut_gate_is_told_with_its_reason() -> None:
    gates = {
        "member": {"member_tag": "gold"},
        "store": {"stores": ["LON1"]},
        "channel": {"channels": ["till"]},
        "not_yet": {"from": "2026-03-07"},
        "over": {"to": "2026-03-05"},
        "day": {"days": [6]},
        "hour": {"hours": [13, 14]},
        "used_by_customer": {"max_uses_per_customer": 1},
        "used_up": {"max_uses_total": 5},
    }
    offers = [offer(reason, "easy", gate=gate, reward=FREE) for reason, gate in gates.items()]
    around = Context(now=LUNCH, uses={"used_by_customer": 1}, uses_total={"used_up": 5})

    evaluation = priced([line("tea", 100)], *offers, around=around)

    assert evaluation.applications == ()
    assert reasons(evaluation) == {reason: reason for reason in gates}
    assert {refusal.line_numbers for refusal in evaluation.refusals} == {(1,)}


def test_the_coupons_that_nobody_showed_are_not_listed() -> None:
    coupons = [offer(f"P{number}", "easy", gate={"coupon": f"C{number}"}, reward=FREE) for number in range(1_000)]

    assert priced([line("tea", 100)], *coupons).refusals == ()


def test_what_waits_beside_something_that_stands_alone_says_so() -> None:
    def both(alone_minor: int) -> dict[str, str]:
        alone = offer("alone", "easy", exclusive="basket", reward=amount(alone_minor))
        return reasons(priced([line("tea", 100)], alone, other))

    other: Promotion = offer("other", "easy", reward=amount(20))

    assert both(30) == {"other": "exclusive"}
    assert both(10) == {"alone": "exclusive"}


def test_what_stands_alone_and_does_nothing_hides_nobodys_reason() -> None:
    alone = offer("alone", "easy", exclusive="basket", reward=unit_price(100))
    group = offer("group", "group", n=2, reward=set_price(1))

    assert reasons(priced([line("tea", 100)], alone, group))["group"] == "short"


def test_refusals_stand_in_order_of_layer_and_then_of_preference() -> None:
    offers = [
        offer(name, "group", layer=layer, n=9, reward=set_price(1))
        for name, layer in (("P10", 1), ("P2", 1), ("A", 2), ("Z", 1))
    ]

    evaluation = priced([line("tea", 100)], *offers)

    assert [refusal.promotion_id for refusal in evaluation.refusals] == ["P2", "P10", "Z", "A"]


def test_a_route_says_whether_anything_had_to_be_searched() -> None:
    easy, pair = offer("easy", "easy", reward=percent(1_000)), offer("pair", "line_special", n=2, reward=FREE)
    lines = [line("tea", 100, 3)]

    assert (priced(lines, easy).route, priced([], easy).route) == ("closed form", "closed form")
    assert priced(lines, easy, pair).route in {"closed form", "search"}
    assert parts(priced(lines, easy, pair)) == [(1, "rewarded", 1, 10), (1, "rewarded", 1, 100), (1, "full", 1, 0)]
