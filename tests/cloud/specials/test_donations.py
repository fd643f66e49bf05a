"""Donation campaigns go to the tills, and what was given is added up."""

from pathlib import Path

from tests.cloud.specials.world import deliver
from tests.cloud.world import knock_as, open_world

SEA = {"campaign": "sea", "name": "Sea rescue", "minor": 85}


async def test_what_was_given_is_added_up_by_campaign_and_is_no_part_of_what_was_sold(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        begun = await tenant.knock("PUT", "/api/donations/sea", json={"name": "Sea rescue"})
        await tenant.knock("PUT", "/api/donations/hill", json={"name": "Mountain rescue"})
        for number in (1, 2):
            box.sold(number, donation=SEA)
        box.sold(3)
        await deliver(world, box, box)
        shown = await tenant.see("/api/donations")
        totals = await tenant.totals()

    assert begun.body == {"id": "sea", "name": "Sea rescue", "state": "active", "donated": []}
    assert [(row["id"], row["donated"]) for row in shown["donations"]] == [
        ("hill", []),
        ("sea", [{"currency": "GBP", "donations": 2, "minor": 170}]),
    ]
    assert totals["total_minor"] == 3_000


async def test_an_ended_campaign_leaves_the_tills_and_keeps_what_was_given(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        await tenant.knock("PUT", "/api/donations/sea", json={"name": "Sea rescue"})
        box.sold(1, donation=SEA)
        await deliver(world, box)
        ended = await tenant.knock("DELETE", "/api/donations/sea")
        unknown = await tenant.knock("DELETE", "/api/donations/moon")
        feed = await knock_as(world, box, "GET", "/api/feed")
        [row] = (await tenant.see("/api/donations"))["donations"]

    assert (ended.status, unknown.status) == (204, 404)
    assert [one["gone"] for one in feed.body["rows"] if one["kind"] == "donation"] == [True]
    assert (row["state"], row["donated"][0]["minor"]) == ("ended", 85)
