"""Goods come back for what was paid for exactly these units, once, and never more than were sold."""

import asyncio
from typing import Any

import pytest

from shared import ids
from tests.edge.small_shop import STAFF, UNKNOWN_ID, Till


async def refund(
    till: Till, order: dict[str, Any], lines: dict[int, int], refund_id: str | None = None
) -> tuple[int, Any]:
    body = {"lines": [{"number": number, "quantity": quantity} for number, quantity in lines.items()]}
    return await till.call("PUT", f"/api/orders/{order['id']}/refunds/{refund_id or ids.new_id()}", body, **STAFF)


async def test_refunds_unit_by_unit_sum_to_the_whole_and_so_does_their_tax(till: Till) -> None:
    order = await till.sell(*["mug"] * 7, *["tea"] * 3, "milk")

    refunds = [
        (await refund(till, order, {line["number"]: 1}))[1] for line in order["lines"] for _ in range(line["quantity"])
    ]

    for line in order["lines"]:
        back = [given for made in refunds for given in made["lines"] if given["number"] == line["number"]]
        assert sum(given["amount_minor"] for given in back) == line["total_minor"]
        assert sum(given["tax_minor"] for given in back) == line["tax_minor"]
    assert sum(made["total_minor"] for made in refunds) == order["total_minor"]
    assert sum(row["tax_minor"] for made in refunds for row in made["taxes"]) == sum(
        row["tax_minor"] for row in order["taxes"]
    )


async def test_a_refund_of_everything_at_once_is_the_whole_too(till: Till) -> None:
    order = await till.sell(*["mug"] * 4, "tea", "milk")

    _, made = await refund(till, order, {line["number"]: line["quantity"] for line in order["lines"]})

    assert made["total_minor"] == order["total_minor"]
    assert made["taxes"] == order["taxes"]


async def test_refunds_take_numbers_of_the_same_series(till: Till) -> None:
    order = await till.sell("milk", "milk")
    _, made = await refund(till, order, {1: 1})
    after = await till.sell("milk")

    assert [made["order_receipt_number"], made["receipt_number"], after["receipt_number"]] == [
        "T1K1-000001",
        "T1K1-000002",
        "T1K1-000003",
    ]


async def test_never_more_comes_back_than_was_sold(till: Till) -> None:
    order = await till.sell("milk", "milk", "milk")
    await refund(till, order, {1: 2})

    status, problem = await refund(till, order, {1: 2})
    last, _ = await refund(till, order, {1: 1})
    none_left, nothing = await refund(till, order, {1: 1})

    assert (status, problem["code"]) == (409, "refund-too-large")
    assert "Only 1 of line 1" in problem["title"]
    assert last == 200
    assert "Only 0 of line 1" in nothing["title"]
    assert none_left == 409


async def test_twenty_refunds_at_once_give_back_what_there_is(till: Till) -> None:
    order = await till.sell(*["milk"] * 5)

    answers = await asyncio.gather(*(refund(till, order, {1: 1}) for _ in range(20)))

    assert sorted(status for status, _ in answers) == [200] * 5 + [409] * 15
    assert len({made["receipt_number"] for status, made in answers if status == 200}) == 5


async def test_a_repeated_id_is_the_same_refund(till: Till) -> None:
    order = await till.sell("milk", "milk")
    refund_id = ids.new_id()

    answers = await asyncio.gather(*(refund(till, order, {1: 1}, refund_id) for _ in range(10)))
    other, _ = await refund(till, order, {1: 1})

    assert {status for status, _ in answers} == {200}
    assert len({made["receipt_number"] for _, made in answers}) == 1
    assert other == 200  # the ten took one unit of two


async def test_a_refund_that_is_refused_for_one_line_gives_back_none(till: Till) -> None:
    order = await till.sell("milk", "tea")

    status, _ = await refund(till, order, {1: 1, 2: 2})
    all_of_it, made = await refund(till, order, {1: 1, 2: 1})

    assert status == 409
    assert (all_of_it, made["receipt_number"]) == (200, "T1K1-000002")  # the refusal took no number


async def test_what_was_not_sold_cannot_come_back(till: Till) -> None:
    order = await till.sell("milk")

    no_line, line_problem = await refund(till, order, {2: 1})
    no_order, order_problem = await refund(till, {"id": UNKNOWN_ID}, {1: 1})

    assert (no_line, line_problem["code"]) == (404, "not-found")
    assert "line" in line_problem["title"]
    assert (no_order, order_problem["code"]) == (404, "unknown-order")


@pytest.mark.parametrize("lines", [[], [{"number": 1, "quantity": 0}], [{"number": 1, "quantity": -1}], None])
async def test_a_refund_of_nothing_is_refused(till: Till, lines: Any) -> None:
    order = await till.sell("milk")

    path = f"/api/orders/{order['id']}/refunds/{ids.new_id()}"
    status, problem = await till.call("PUT", path, {"lines": lines}, **STAFF)

    assert (status, problem["code"]) == (400, "bad-request")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}])
async def test_only_staff_give_money_back_and_list_orders(till: Till, headers: dict[str, str]) -> None:
    order = await till.sell("milk")

    path = f"/api/orders/{order['id']}/refunds/{ids.new_id()}"
    body = {"lines": [{"number": 1, "quantity": 1}]}
    answers = [await till.call("PUT", path, body, **headers), await till.call("GET", "/api/orders", **headers)]

    assert [(status, problem["code"]) for status, problem in answers] == [(403, "attendant-only")] * 2
