"""A day that was closed at the box is proven at head office, figure by figure, also when the line was cut meanwhile."""

from pathlib import Path
from typing import Any

from shared import ids
from tests.world import ATTENDANT_KEY, World, open_world, until

STAFF = {"Authorization": f"Bearer {ATTENDANT_KEY}"}


async def day_at_head_office(world: World) -> dict[str, Any] | None:
    _, answer = await world.call_office("GET", "/api/days")
    return next((day for day in answer["days"] if day["state"] != "open"), None)


async def test_a_day_closed_offline_is_proven_when_the_line_is_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        first = await world.sell("mug", 3)
        await world.line.cut()
        await world.sell("tea", tender={"kind": "cash", "tendered_minor": 10_000})
        back = {"lines": [{"number": 1, "quantity": 1}]}
        await world.call("PUT", f"/api/orders/{first['id']}/refunds/{ids.new_id()}", back, **STAFF)
        status, closing = await world.call("POST", "/api/days/closings", {}, **STAFF)
        assert status == 200, closing
        await world.sell("milk")  # of the next day
        await world.line.mend()
        await world.settle(orders=3)

        async def proven() -> bool:
            day = await day_at_head_office(world)
            return day is not None and day["state"] == "proven"

        await until(proven)
        day = await day_at_head_office(world)

    assert day is not None
    assert (day["number"], day["business_day"]) == (1, closing["business_day"])
