"""A node waits at the feed's door for news, and head office knows how far each has come."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.cloud.boxes import Box
from tests.cloud.sync.test_feed import OFFER, a_box, csv
from tests.cloud.world import Answer, Tenant, World, knock_as, open_world
from tests.world import until


async def ask(world: World, box: Box, cursor: int, wait_s: float = 10) -> Answer:
    return await knock_as(world, box, "GET", f"/api/feed?cursor={cursor}&wait_s={wait_s}")


async def waiting(world: World, box: Box, cursor: int, wait_s: float = 10) -> "asyncio.Task[Answer]":
    """Let a box wait, and return once it does."""
    before = len(watchers(world, box))
    task = asyncio.create_task(ask(world, box, cursor, wait_s))

    async def waits() -> bool:
        return len(watchers(world, box)) > before

    await until(waits)
    await asyncio.sleep(0.05)
    return task


def watchers(world: World, box: Box) -> set[asyncio.Event]:
    return world.head_office.hub._watchers.get(f"feed:{box.tenant_id}:{box.store_id}", set())


async def at_the_end(tenant: Tenant, box: Box) -> int:
    await tenant.import_csv(csv("tea,Tea,,1.00,standard"))
    answer = await ask(tenant.world, box, 0, 0)
    newest: int = answer.body["newest"]
    return newest


async def test_news_are_told_in_the_moment_they_are_published(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        asked = await waiting(world, box, await at_the_end(tenant, box))
        begin_s = time.monotonic()
        await tenant.import_csv(csv("tea,Tea,,1.50,standard"))
        answer = await asked
        took_s = time.monotonic() - begin_s

    assert [(row["key"], row["body"]["price_minor"]) for row in answer.body["rows"]] == [("tea", 150)]
    assert took_s < 2


async def test_what_happens_in_the_background_wakes_too(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        asked = await waiting(world, box, await at_the_end(tenant, box))
        await tenant.knock("PUT", "/api/promotions", json={"promotions": [OFFER]})
        answer = await asked

    assert [row["kind"] for row in answer.body["rows"]] == ["promotion"]


async def test_without_news_the_answer_comes_when_the_time_is_over(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        cursor = await at_the_end(tenant, box)
        begin_s = time.monotonic()
        answer = await ask(world, box, cursor, 0.3)
        took_s = time.monotonic() - begin_s

    assert (answer.body["rows"], answer.body["cursor"], answer.body["more"]) == ([], cursor, False)
    assert 0.3 <= took_s < 3


async def test_nobody_is_woken_by_what_is_another_stores_or_another_tenants(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        stranger = await world.tenant("Others")
        asked = await waiting(world, box, await at_the_end(tenant, box), 0.8)
        await tenant.open_store(code="S2")
        await stranger.open_store()
        await stranger.import_csv(csv("gin,Gin,,9.00,standard"))
        await asyncio.sleep(0.2)
        woken = asked.done()
        answer = await asked

    assert not woken
    assert answer.body["rows"] == []


async def test_a_change_that_is_undone_wakes_nobody(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        asked = await waiting(world, box, await at_the_end(tenant, box), 0.8)
        await tenant.import_csv(csv("tea,Tea,,7.00,standard"), dry_run="true")
        await asyncio.sleep(0.2)
        woken = asked.done()
        await asked

    assert not woken


async def test_news_of_the_very_moment_in_which_a_box_asks_are_not_missed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        cursor = await at_the_end(tenant, box)
        for minor in range(200, 220):
            asked = asyncio.create_task(ask(world, box, cursor))
            await tenant.import_csv(csv(f"tea,Tea,,{minor / 100:.2f},standard"))
            async with asyncio.timeout(3):
                answer = await asked
            assert answer.body["rows"][-1]["body"]["price_minor"] == minor
            cursor = answer.body["cursor"]


async def test_an_older_box_that_says_no_time_is_answered_at_once_in_the_words_it_knows(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        cursor = await at_the_end(tenant, box)
        answer = await knock_as(world, box, "GET", f"/api/feed?cursor={cursor}")

    assert answer.body == {"rows": [], "cursor": cursor, "more": False, "newest": cursor}


@pytest.mark.parametrize("wait_s", ["31", "-1", "nan", "inf", "soon"])
async def test_nobody_may_wait_for_ever(tmp_path: Path, wait_s: str) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        answer = await knock_as(world, box, "GET", f"/api/feed?wait_s={wait_s}")

    assert answer.status == 400


async def test_a_service_that_stops_answers_those_who_wait(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        asked = await waiting(world, box, await at_the_end(tenant, box))
        begin_s = time.monotonic()
    took_s = time.monotonic() - begin_s
    await asyncio.gather(asked, return_exceptions=True)

    assert took_s < 1.5


async def test_head_office_knows_how_far_each_node_has_come(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)

        async def node() -> tuple[int | None, str | None]:
            (store,) = (await tenant.see("/api/office"))["stores"]
            return store["nodes"][0]["rows_behind"], store["nodes"][0]["prices_as_of"]

        async def shows(behind: int | None, as_of: str | None) -> bool:
            return await node() == (behind, as_of)

        new = await node()
        cursor = await at_the_end(tenant, box)
        await ask(world, box, cursor, 0)
        await until(lambda: shows(0, "2026-03-02T09:00:00Z"))
        world.clock.pass_by(minutes=7)
        await ask(world, box, cursor, 0)
        await until(lambda: shows(0, "2026-03-02T09:07:00Z"))
        world.clock.pass_by(minutes=3)
        await tenant.import_csv(csv("tea,Tea,,2.00,standard", "mug,Mug,,5.00,standard"))
        behind = await node()
        await ask(world, box, cursor, 0)
        await asyncio.sleep(1.5)
        still = await node()
        await ask(world, box, cursor + 3, 0)
        await until(lambda: shows(0, "2026-03-02T09:10:00Z"))

    assert new == (None, None)
    assert behind == still == (3, "2026-03-02T09:07:00Z")
