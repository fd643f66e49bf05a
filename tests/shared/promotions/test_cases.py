"""Anybody's worked examples can be run: what is understood is priced, what is not is refused by name."""

import json
from typing import Any

import pytest

from shared.promotions import cases
from shared.promotions.cases import BadCase, evaluate, read
from shared.promotions.pack import BadPromotion
from tests.shared.promotions.examples import FREE, Json, amount, percent, set_price, skus

TENTH: Json = {"id": "P1", "family": "easy", "reward": percent(1_000)}


def row(line_id: Any = "L1", unit_price: Any = 999, qty: Any = 3, **more: Any) -> Json:
    return {"id": line_id, "sku": "tea", "unit_price": unit_price, "qty": qty, **more}


def case(lines: list[Json] | None = None, promotions: list[Json] | None = None, **more: Any) -> Json:
    return {
        "id": "one",
        "lines": [row()] if lines is None else lines,
        "promotions": [TENTH] if promotions is None else promotions,
        **more,
    }


def test_a_case_is_answered_with_all_that_happened() -> None:
    lines = [row("L10", 100, 1, sku="bun"), row("L2", 999, 2), row("L1", 250, 1, discountable=False)]

    answer = evaluate(case(lines))

    (use,) = answer.pop("applications")
    assert answer == {
        "id": "one",
        "discount": 210,
        "total": 2_138,
        "lines": {"L1": 0, "L2": 200, "L10": 10},
        "proven": True,
        "gap": 0,
        "route": "closed form",
        "refusals": [],
    }
    assert (use["promotion_id"], use["times"], use["discount_minor"], use["residue"]) == ("P1", 3, 210, 2_000)
    assert [(part["line"], part["units"], part["discount_minor"]) for part in use["parts"]] == [
        ("L2", 2, 200),
        ("L10", 1, 10),
    ]


def test_a_refusal_names_the_lines_as_the_case_does() -> None:
    group = {"id": "P2", "family": "group", "n": 10, "reward": set_price(1)}

    (refusal,) = evaluate(case([row("cup"), row("tea"), row("bun")], [group]))["refusals"]

    assert (refusal["reason"], refusal["lines"], refusal["missing_quantity"]) == ("short", ["bun", "cup", "tea"], 1)


def test_an_answer_is_json() -> None:
    answer = evaluate(case())

    assert json.loads(json.dumps(answer)) == answer


def test_a_file_holds_one_case_or_many() -> None:
    one, two = case(), case(id="two")

    assert read(json.dumps(one)) == [one]
    assert read(json.dumps({"cases": [one, two], "source": {"seed": 1}})) == [one, two]
    assert read(json.dumps({"cases": []})) == []
    assert read(json.dumps([one]).encode()) == [one]


@pytest.mark.parametrize("text", ["", "nonsense", "{", b"\xff\xfe\xfa", "[" * 100_000, '{"id": "a"'])
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(BadCase) as caught:
        read(text)

    assert "not JSON" in str(caught.value.facts["problem"])


@pytest.mark.parametrize("text", ["5", "null", '"case"', "[5]", '{"cases": 5}', '{"cases": null}', '{"cases": [null]}'])
def test_what_holds_no_case_is_refused(text: str) -> None:
    with pytest.raises(BadCase, match="one case, or a list"):
        read(text)


def test_what_a_case_says_beside_is_carried_along_unread() -> None:
    told = case(
        title="Tea", source={"page": 3}, features=["x"], expected={"discount": -1}, check={"lines": "none"}, more=1
    )

    assert read(json.dumps(told)) == [told]
    assert evaluate(told) == evaluate(case())


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([row(colour="red")], "lines.0.colour: "),
        ([row(), row("L2", discount=5)], "lines.1.discount: "),
        ([{"id": "L1", "sku": "tea", "qty": 1}], "lines.0.unit_price: "),
        ([row(unit_price=9.99)], "lines.0.unit_price: "),
        ([row(unit_price=999.0)], "lines.0.unit_price: "),
        ([row(unit_price="999")], "lines.0.unit_price: "),
        ([row(unit_price=-1)], "lines.0.unit_price: "),
        ([row(unit_price=True)], "lines.0.unit_price: "),
        ([row(unit_price=float("nan"))], "lines.0.unit_price: "),
        ([row(unit_price=float("inf"))], "lines.0.unit_price: "),
        ([row(unit_price=10**13 + 1)], "lines.0.unit_price: "),
        ([row(unit_price=10**40)], "lines.0.unit_price: "),
        ([row(qty=-1)], "lines.0.qty: "),
        ([row(qty=1.5)], "lines.0.qty: "),
        ([row(qty=10**400)], "lines.0.qty: "),
        ([row(floor_price=-1)], "lines.0.floor_price: "),
        ([row(tags="red")], "lines.0.tags: "),
        ([row(discountable="no")], "lines.0.discountable: "),
        ([row(1)], "lines.0.id: "),
        ([5], "lines.0: "),
        (5, "lines: "),
        ([row("L1"), row("L2"), row("L1")], "line L1 is there twice"),
    ],
)
def test_a_line_that_is_not_understood_is_refused_by_name(lines: Any, problem: str) -> None:
    with pytest.raises(BadCase) as caught:
        evaluate(case(lines))

    assert caught.value.facts["case"] == "one"
    assert problem in str(caught.value.facts["problem"])


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"id": 5}, "id: "),
        ({"currency": 5}, "currency: "),
        ({"exponent": "2"}, "exponent: "),
        ({"exponent": 2.5}, "exponent: "),
        ({"exponent": -1}, "exponent: "),
        ({"exponent": 40}, "exponent: "),
        ({"context": {"now": "noon"}}, "noon"),
        ({"context": {"now": 5}}, "context.now: "),
        ({"context": {"coupons": "C1"}}, "context.coupons: "),
        ({"context": {"uses": {"P1": "one"}}}, "context.uses.P1: "),
        ({"context": {"coupon": ["C1"]}}, "context.coupon: "),
        ({"promotions": None}, "promotions"),
        ({"promotions": 5}, "promotions"),
    ],
)
def test_a_case_that_is_not_understood_is_refused_by_name(more: Json, problem: str) -> None:
    with pytest.raises(BadCase) as caught:
        evaluate({**case(), **more})

    assert problem in str(caught.value.facts["problem"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"colour": "red"}, "easy.colour: "),
        ({"target": {"sku": "tea"}}, "easy.target.sku: "),
        ({"gate": {"until": "2026-01-01"}}, "easy.gate.until: "),
        ({"limits": {"max_lines": 1}}, "easy.limits.max_lines: "),
        ({"reward": {"kind": "percent", "value": 1_000, "of": "net"}}, "easy.reward.percent.of: "),
        ({"reward": {"kind": "amount", "value": 9.5}}, "easy.reward.amount.value: "),
        ({"reward": set_price(5)}, "'set_price'"),
        ({"family": "lottery"}, "'lottery'"),
        ({"exclusive": "always"}, "easy.exclusive: "),
        ({"layer": 0}, "easy.layer: "),
    ],
)
def test_a_promotion_that_is_not_understood_is_refused_by_name(changes: Json, problem: str) -> None:
    with pytest.raises(BadPromotion) as caught:
        evaluate(case(promotions=[{**TENTH, **changes}]))

    assert caught.value.facts["promotion"] == "P1"
    assert problem in str(caught.value.facts["problem"])


@pytest.mark.parametrize(("currency", "exponent", "price"), [("JPY", 0, 1_985), ("EUR", 2, 1_985), ("KWD", 3, 1_985)])
def test_money_is_whole_minor_units_whatever_they_are(currency: str, exponent: int, price: int) -> None:
    answer = evaluate(case([row(unit_price=price, qty=1)], currency=currency, exponent=exponent))

    assert (answer["discount"], answer["total"]) == (199, 1_786)  # 198.5


def test_names_may_be_written_in_any_letters() -> None:
    lines = [row("γραμμή", sku="γάλα", tags=["Προσφορά"]), row("שורה", sku="חלב", tags=["מבצע"])]
    offers = [
        {**TENTH, "id": "Έκπτωση", "name": "Έκπτωση 10 %", "target": {"tags": ["Προσφορά"]}},
        {**TENTH, "id": "הנחה", "target": skus("חלב"), "reward": amount(9)},
    ]

    answer = evaluate(read(json.dumps(case(lines, offers), ensure_ascii=False).encode())[0])

    assert answer["lines"] == {"γραμμή": 300, "שורה": 27}
    assert {use["promotion_id"]: use["name"] for use in answer["applications"]} == {
        "Έκπτωση": "Έκπτωση 10 %",
        "הנחה": "הנחה",
    }


def test_the_context_opens_gates() -> None:
    gate = {"coupon": "C1", "member_tag": "gold", "from": "2026-03-01", "max_uses_per_customer": 2, "max_uses_total": 9}
    context = {"coupons": ["C1"], "member_tags": ["gold"], "now": "2026-03-06T12:00", "uses": {"P1": 1}}
    gated = case(promotions=[{**TENTH, "gate": gate}])

    assert evaluate({**gated, "context": {**context, "uses_total": {"P1": 8}}})["discount"] == 300
    assert evaluate({**gated, "context": {**context, "uses_total": {"P1": 9}}})["discount"] == 0
    assert evaluate({**gated, "context": {**context, "uses": {"P1": 2}}})["discount"] == 0
    assert evaluate(gated)["discount"] == 0


def test_nothing_is_asked_of_an_empty_case() -> None:
    assert evaluate({"id": "none"}) == {**evaluate(case([], [])), "id": "none"}
    assert evaluate(case([row(qty=0)]))["total"] == 0


def test_the_largest_amounts_stay_exact() -> None:
    much = 5 * 10**12
    third = {"id": "third", "family": "group", "n": 3, "reward": set_price(2 * much - 1)}
    lines = [row("a", much, 2), row("b", much - 1, 1), row("c", much - 7, 1)]

    answer = evaluate(case(lines, [third, {**TENTH, "reward": percent(3_333)}]))

    # The three dearest together lose `much`, the fourth 1,666,499,999,997.67.
    assert (answer["discount"], answer["proven"]) == (much + 1_666_499_999_998, True)


@pytest.mark.parametrize("quantity", [9_999, 10**6, 10**9])
def test_the_largest_quantities_are_counted(quantity: int) -> None:
    free = {"id": "free", "family": "line_special", "n": 3, "reward": FREE}

    assert evaluate(case([row(qty=quantity)], [free]))["discount"] == quantity // 3 * 999


def test_the_answer_does_not_know_the_order_of_lines_and_promotions() -> None:
    lines = [row(f"L{number}", 100 + number, 2) for number in range(12)]
    offers = [{**TENTH, "id": f"P{number}", "target": {"min_unit_price": 100 + number}} for number in range(12)]

    assert cases.evaluate(case(lines[::-1], offers[::-1])) == cases.evaluate(case(lines, offers))
