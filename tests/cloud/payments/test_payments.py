"""A card is charged once for each id; what was taken back stays taken back."""

from pathlib import Path
from typing import Any

import pytest

from tests.cloud.boxes import Box, an_id
from tests.cloud.world import Answer, World, knock_as, open_world


async def a_box(world: World) -> Box:
    tenant = await world.tenant()
    store = await tenant.open_store()
    return await tenant.enrol(store["id"])


async def charge(world: World, box: Box, card: str = "test-approved", **changes: Any) -> Answer:
    body = {"id": an_id(1), "amount_minor": 1000, "currency": "GBP", "card": card, **changes}
    return await knock_as(world, box, "POST", "/api/payments", json=body)


async def void(world: World, box: Box) -> Answer:
    return await knock_as(world, box, "POST", "/api/payments/void", json={"id": an_id(1)})


async def test_a_repeat_is_the_same_payment_and_no_second_charge(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world)
        first = await charge(world, box)
        repeats = [await charge(world, box), await charge(world, box, "test-declined", amount_minor=1)]
        kept = await world.rows("select amount_minor, state from payments")

    assert first.body == {"id": an_id(1), "state": "approved", "reference": "TEST00000001"}
    assert [repeat.body for repeat in repeats] == [first.body] * 2
    assert kept == [(1000, "approved")]


async def test_a_declined_card_stays_declined_under_its_id(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world)
        first = await charge(world, box, "test-declined")
        again = await charge(world, box, "test-approved")
        fresh = await charge(world, box, "test-approved", id=an_id(2))

    assert [answer.body["state"] for answer in (first, again, fresh)] == ["declined", "declined", "approved"]


async def test_a_void_that_overtakes_its_charge_forbids_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world)
        voided = await void(world, box)
        late = await charge(world, box)

    assert (voided.status, voided.body["state"]) == (200, "voided")
    assert late.body["state"] == "voided"


async def test_a_void_takes_a_payment_back_for_good(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world)
        charged = await charge(world, box)
        voids = [await void(world, box), await void(world, box)]
        again = await charge(world, box)

    expected = {**charged.body, "state": "voided"}
    assert [answer.body for answer in (*voids, again)] == [expected] * 3


async def test_an_unknown_card_is_refused_and_may_be_corrected(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world)
        refused = await charge(world, box, "4242")
        corrected = await charge(world, box)

    assert (refused.status, refused.body["code"]) == (400, "unknown-card")
    assert corrected.body["state"] == "approved"


@pytest.mark.parametrize("changes", [{"amount_minor": -1}, {"amount_minor": 1.5}, {"currency": "gbp"}, {"id": "1"}])
async def test_a_payment_that_cannot_be_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world)
        answer = await charge(world, box, **changes)
        kept = await world.rows("select 1 from payments")

    assert answer.status == 400
    assert next(iter(changes)) in answer.body["title"]
    assert kept == []
