"""Windows open and shut by the store's own clock, without any contact."""

from tests.edge.small_shop import HandClock, Till, promotion, publish

HAPPY_HOUR = {
    "id": "P9",
    "name": "Happy hour",
    "family": "easy",
    "target": {"skus": ["oil"]},
    "reward": {"kind": "percent", "value": 5_000},
    "gate": {"days": [1, 2, 3, 4, 5], "hours": ["12:30", "13:30"]},
}


async def test_a_happy_hour_opens_and_shuts_while_a_basket_is_open(till: Till, clock: HandClock) -> None:
    await publish(till.shop.catalogue, promotion(HAPPY_HOUR))  # the clock stands at 12:00, a Monday
    before = await till.fill("oil")
    clock.passed_s += 31 * 60
    during = (await till.lane())["basket"]
    clock.passed_s += 3_600
    after = (await till.lane())["basket"]

    assert [basket["discount_minor"] for basket in (before, during, after)] == [0, 450, 0]


async def test_a_window_that_shut_while_somebody_looked_is_told_before_paying(till: Till, clock: HandClock) -> None:
    await publish(till.shop.catalogue, promotion(HAPPY_HOUR))
    clock.passed_s += 31 * 60
    basket = await till.fill("oil")
    clock.passed_s += 3_600

    path = f"/api/baskets/{basket['id']}/checkout"
    asked = {"tender": {"kind": "cash", "tendered_minor": 10_000}, "total_minor": basket["total_minor"]}
    status, problem = await till.call("POST", path, asked)
    again, order = await till.call("POST", path, {**asked, "total_minor": 899})

    assert (status, problem["code"]) == (409, "total-changed")
    assert "899" in problem["title"]
    assert (again, order["total_minor"]) == (200, 899)


async def test_an_order_says_what_it_was_priced_with(till: Till, clock: HandClock) -> None:
    await publish(till.shop.catalogue, promotion(HAPPY_HOUR))
    clock.passed_s += 31 * 60
    order = await till.sell("oil")
    _, kept = await till.call("GET", f"/api/orders/{order['id']}")

    assert kept["pricing"]["at"] == "2026-03-02T12:31:00"
    assert kept["pricing"]["store"] == till.shop.catalogue.store.code
    assert kept["applications"][0]["promotion_id"] == "P9"
    assert kept["pack_version"] == till.shop.catalogue.pack.version
