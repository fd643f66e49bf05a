"""Long trials run beside everything else, one after the other, and come to what short ones come to."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.promotions.offers import easy
from tests.cloud.promotions.test_trying import HALF, sold, trial
from tests.cloud.world import Tenant, open_world
from tests.world import until


async def ended(tenant: Tenant, **wanted: Any) -> dict[str, Any]:
    """Ask for a trial and wait for its end."""
    answer = await tenant.knock("POST", "/api/promotions/trials", json=wanted)
    assert answer.status == 201, answer.body
    path = f"/api/promotions/trials/{answer.body['id']}"

    async def over() -> bool:
        return (await tenant.see(path))["state"] not in {"waiting", "running"}

    await until(over)
    return await tenant.see(path)


async def test_a_trial_in_the_background_comes_to_the_same_as_one_that_is_waited_for(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, _ = await sold(world)
        await tenant.knock("PUT", "/api/promotions/H", json={"promotion": HALF, "state": "draft"})
        waited_for = await trial(tenant, easy(), HALF)
        active, drafts = await ended(tenant), await ended(tenant, drafts=True)
        listed = (await tenant.see("/api/promotions/trials"))["trials"]

    assert (drafts["state"], drafts["orders_done"], drafts["orders_total"]) == ("done", 3, 3)
    assert drafts["result"] == waited_for
    assert active["result"]["promotions"] == 1
    assert [(one["id"], one["result"]) for one in listed] == [(drafts["id"], None), (active["id"], None)]


async def test_a_published_pack_is_tried_on_the_orders_of_some_days(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, _ = await sold(world)
        version = (await tenant.see("/api/promotions/packs"))["packs"][0]["version"]
        found = [
            await ended(tenant, pack=version, since=first, until=last)
            for first, last in (("2026-03-02", "2026-03-02"), ("2026-03-01", "2026-03-01"), ("2026-03-03", None))
        ]
        unknown = await ended(tenant, pack="nothing")

    assert [one["result"]["orders"] for one in found] == [3, 0, 0]
    assert (unknown["state"], unknown["result"]) == ("failed", None)
    assert "nothing" in unknown["problem"]


async def test_a_trial_can_be_stopped_and_the_next_one_runs(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, _ = await sold(world)
        first = (await tenant.knock("POST", "/api/promotions/trials", json={})).body["id"]
        stopped = await tenant.knock("DELETE", f"/api/promotions/trials/{first}")
        after = await ended(tenant)
        shown = await tenant.see(f"/api/promotions/trials/{first}")
        unknown = await tenant.knock("DELETE", "/api/promotions/trials/" + "0" * 8 + "-0000-0000-0000-" + "0" * 12)

    assert (stopped.status, shown["state"], after["state"], unknown.status) == (204, "stopped", "done", 404)


async def test_a_service_that_stops_leaves_no_trial_behind(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, _ = await sold(world)
        begun = (await tenant.knock("POST", "/api/promotions/trials", json={})).body

        async def running() -> bool:
            return (await tenant.see(f"/api/promotions/trials/{begun['id']}"))["state"] != "waiting"

        await until(running)

    assert not has_children()


def has_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


async def test_only_so_many_trials_wait(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, _ = await sold(world)
        answers = [await tenant.knock("POST", "/api/promotions/trials", json={}) for _ in range(11)]
        for answer in answers[:10]:
            await tenant.knock("DELETE", f"/api/promotions/trials/{answer.body['id']}")

    assert (answers[10].status, answers[10].body["code"]) == (409, "too-many-trials")


@pytest.mark.parametrize(
    "wanted", [{"orders": 0}, {"orders": 200_001}, {"since": "2026-03-02", "until": "2026-03-01"}, {"colour": "red"}]
)
async def test_a_trial_that_cannot_be_is_refused(tmp_path: Path, wanted: dict[str, Any]) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        answer = await tenant.knock("POST", "/api/promotions/trials", json=wanted)

    assert answer.status == 400
