"""An order gets codes for each full multiple of an amount; they are bound to it, printed, and never drawn again."""

from pathlib import Path
from typing import Any

import pytest

from shared.model.order import Order
from shared.model.special import CODES_PER_ORDER_MAX
from shared.receipts.document import of_order
from shared.receipts.paper import lay_out
from tests.edge.small_shop import NODE_ID, UNKNOWN_ID, HandClock, Thing, Till, open_small_shop, open_till, publish

SEA = ("donation", "sea", {"id": "sea", "name": "Sea rescue"})


def lottery(**changes: Any) -> Thing:
    return "lottery", "draw", {"id": "draw", "name": "Summer draw", "from_minor": 500, **changes}


def block(first: int = 1, count: int = 3, node_id: str = NODE_ID) -> Thing:
    codes = [f"WIN{number:04d}" for number in range(first, first + count)]
    return "lottery_block", f"draw/{first}", {"lottery": "draw", "node_id": node_id, "first": first, "codes": codes}


def drawn(order: dict[str, Any]) -> list[str]:
    return [one["code"] for draw in order["draws"] for one in draw["codes"]]


@pytest.mark.parametrize(
    ("skus", "codes"),
    [(("soap",), []), (("mug",), ["WIN0001"]), (("mug", "soap", "soap"), ["WIN0001"]), (("crate",), ["WIN0001"] * 4)],
)
async def test_each_full_multiple_is_worth_a_code(till: Till, skus: tuple[str, ...], codes: list[str]) -> None:
    await publish(till.shop.catalogue, lottery(), block(count=9))

    order = await till.sell(*skus)

    assert drawn(order) == [f"WIN{number:04d}" for number in range(1, len(codes) + 1)]


async def test_codes_are_drawn_once_whatever_happens_to_the_box(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        await publish(shop.catalogue, lottery(), block())
        first = await till.sell("mug")
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        second = await till.sell("mug")
        await publish(shop.catalogue, block(first=4), block(first=101, node_id=UNKNOWN_ID))
        third = await till.sell("crate")

    assert [drawn(order) for order in (first, second, third)] == [
        ["WIN0001"], ["WIN0002"], ["WIN0003", "WIN0004", "WIN0005", "WIN0006"],
    ]  # fmt: skip


async def test_a_box_that_ran_out_says_so_on_the_order_and_sells_on(till: Till) -> None:
    await publish(till.shop.catalogue, lottery(), block(count=1))

    order = await till.sell("crate")

    assert [(draw["due"], len(draw["codes"])) for draw in order["draws"]] == [(4, 1)]


async def test_a_card_draws_when_it_is_approved_and_not_before(till: Till) -> None:
    await publish(till.shop.catalogue, lottery(), block())
    till.gateway.ends_with = ["declined", "approved"]
    basket = await till.fill("mug")

    await till.pay_by_card(basket["id"])
    await till.pay_by_card(basket["id"])
    _, order = await till.call("GET", f"/api/orders/{basket['id']}")

    assert drawn(order) == ["WIN0001"]


async def test_neither_discounts_nor_donations_are_worth_codes(till: Till) -> None:
    await publish(till.shop.catalogue, SEA, lottery(from_minor=1_001), block())
    basket = await till.fill("mug", "mug", "mug")  # 1500 less 500
    await till.call("PUT", f"/api/baskets/{basket['id']}/donation", {"campaign": "sea", "amount_minor": 100})

    await till.pay(basket["id"])
    _, order = await till.call("GET", f"/api/orders/{basket['id']}")

    assert order["draws"] == []


@pytest.mark.parametrize("window", [{"opens": "2026-03-03"}, {"closes": "2026-03-01"}])
async def test_a_lottery_has_its_time(till: Till, window: dict[str, str]) -> None:
    await publish(till.shop.catalogue, lottery(**window), block())

    assert (await till.sell("mug"))["draws"] == []


async def test_an_order_is_worth_so_many_codes_and_no_more(till: Till) -> None:
    await publish(till.shop.catalogue, lottery(from_minor=1), block(count=100))

    assert len(drawn(await till.sell("mug"))) == CODES_PER_ORDER_MAX


async def test_the_receipt_shows_every_code(till: Till, clock: HandClock) -> None:
    await publish(till.shop.catalogue, lottery(), block())
    body = await till.sell("mug", "mug")
    order = Order.model_validate({**body, "placed_at": clock.now()}, strict=False)

    text = [line.text for line in lay_out(of_order(order, till.shop.catalogue.store))]

    rows = [line.split() for line in text if line.startswith("Summer draw")]
    assert rows == [["Summer", "draw", "WIN0001"], ["Summer", "draw", "WIN0002"]]
