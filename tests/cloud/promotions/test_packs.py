"""A pack is the same thing at head office and at every node that it is for."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloud.promotions import service
from cloud.promotions.models import PackRequest
from edge.catalogue.open_catalogue import Catalogue
from shared.protocol.feed import FEED_ROWS_MAX
from tests.cloud.promotions.offers import easy, follow, group, publish, whole, written
from tests.cloud.world import Tenant, World, open_world
from tests.world import until


@contextmanager
def catalogue(folder: Path) -> Iterator[Catalogue]:
    opened = Catalogue(folder)
    try:
        yield opened
    finally:
        opened.close()


def ids(node: Catalogue) -> list[str]:
    return [promotion.id for promotion in node.pack.promotions]


async def test_a_node_comes_to_the_version_that_head_office_told(tmp_path: Path) -> None:
    async with open_world(tmp_path / "office") as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        tags = {
            "target": {"tags": ["b", "a"], "not_skus": ["z", "y"]},
            "gate": {"from": "2026-03-01", "hours": [9, 17]},
        }
        await written(tenant, easy("P10", **tags), easy("P2", priority=5), group())
        told = await publish(tenant)
        with catalogue(tmp_path / "node") as node:
            await follow(world, box, node)
            by_rows = node.pack.version
        at_once = await whole(world, box, tmp_path / "fresh")

    assert told["promotions"] == 3
    assert by_rows == at_once == told["version"]


async def test_what_is_written_waits_for_the_next_pack_and_drafts_for_their_state(tmp_path: Path) -> None:
    async with open_world(tmp_path / "office") as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        with catalogue(tmp_path / "node") as node:
            await written(tenant, easy("P1"))
            await follow(world, box, node)
            before = ids(node)
            await publish(tenant)
            await written(tenant, easy("P2"), state="draft")
            await publish(tenant)
            await follow(world, box, node)
            after = ids(node)
            await tenant.knock("DELETE", "/api/promotions/P1")
            await publish(tenant)
            await follow(world, box, node)
            ended = ids(node)

    assert (before, after, ended) == ([], ["P1"], [])


async def test_a_stores_own_pack_lies_over_that_of_all_until_all_get_a_new_one(tmp_path: Path) -> None:
    async with open_world(tmp_path / "office") as world:
        tenant = await world.tenant()
        boxes = [
            await tenant.enrol((await tenant.open_store(code=code))["id"], series=f"{code}K") for code in ("S1", "S2")
        ]
        nodes = [Catalogue(tmp_path / code) for code in ("n1", "n2")]

        async def versions(folder: str) -> tuple[list[str], list[str]]:
            for box, node in zip(boxes, nodes, strict=True):
                await follow(world, box, node)
            fresh = [await whole(world, box, tmp_path / folder / box.series) for box in boxes]
            return [node.pack.version for node in nodes], fresh

        await written(tenant, easy("A"), easy("B"))
        first = await publish(tenant)
        steps = [await versions("1")]
        await tenant.knock("DELETE", "/api/promotions/A")
        await written(tenant, easy("B", name="Cheaper"), easy("C"))
        second = await publish(tenant, stores=["S1"])
        steps.append(await versions("2"))
        await written(tenant, easy("A"), easy("B"))
        await tenant.knock("DELETE", "/api/promotions/C")
        third = await publish(tenant, stores=["S1"])
        steps.append(await versions("3"))
        await written(tenant, easy("D"))
        fourth = await publish(tenant, stores=["S1"])
        steps.append(await versions("4"))
        await tenant.knock("DELETE", "/api/promotions/D")
        fifth = await publish(tenant)
        steps.append(await versions("5"))
        for node in nodes:
            node.close()

    base = first["version"]
    assert third["version"] == fifth["version"] == base
    told = [base, second["version"], base, fourth["version"], base]
    assert steps == [([own, base], [own, base]) for own in told]
    assert len(set(told)) == 3


async def test_a_pack_of_many_pages_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    many = [easy(f"P{number}") for number in range(FEED_ROWS_MAX + 200)]
    async with open_world(tmp_path / "office") as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        seen = []

        class Watched(Catalogue):
            async def apply(self, *args: object, **options: object) -> None:
                await super().apply(*args, **options)  # type: ignore[arg-type]
                seen.append(self.pack.version)

        node = Watched(tmp_path / "node")
        versions = []
        for percent in (1000, 2000):
            offers = [{**one, "reward": {"kind": "percent", "value": percent}} for one in many]
            answer = await tenant.knock("PUT", "/api/promotions", json={"promotions": offers})
            versions.append(answer.body["version"])
            await follow(world, box, node)
        node.close()

    assert seen[-1] == versions[1]
    assert seen[-2] == versions[0]
    assert len(seen) >= 4


async def test_a_pack_waits_for_its_time_and_is_what_it_was_when_it_was_asked_for(tmp_path: Path) -> None:
    async with open_world(tmp_path / "office") as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        await written(tenant, easy("P1"))
        asked = await publish(tenant, starts_at="2026-03-02T18:00:00Z")
        await written(tenant, easy("P1", name="Later"))
        with catalogue(tmp_path / "node") as node:
            await follow(world, box, node)
            early = ids(node)
            world.clock.pass_by(hours=10)
            world.head_office.hub.announce(service.PACKS)
            await until(lambda: _is_published(tenant))
            await follow(world, box, node)
            version = node.pack.version

    assert asked["published_at"] is None
    assert early == []
    assert version == asked["version"]


async def _is_published(tenant: Tenant) -> bool:
    packs = (await tenant.see("/api/promotions/packs"))["packs"]
    return all(pack["published_at"] for pack in packs)


async def test_two_services_publish_a_pack_that_is_due_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        await written(tenant, easy("P1"))
        wanted = PackRequest.model_validate_json('{"starts_at": "2026-03-02T10:00:00Z"}')
        write, later = world.head_office.db.write, world.clock.now().replace(hour=11)
        await write(service.publish, tenant.id, wanted, world.clock.now(), None)
        found = await asyncio.gather(write(service.publish_due, later), write(service.publish_due, later))
        rows = await _feed(world)

    assert sorted(map(len, found)) == [0, 1]
    assert rows == [("P1", 1)]


async def _feed(world: World) -> list[tuple[object, ...]]:
    return await world.rows("select key, version from feed_rows where kind = 'promotion'")


async def test_a_pack_that_waits_can_be_taken_back_and_one_that_is_out_cannot(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        waiting = await publish(tenant, starts_at="2026-03-03T09:00:00Z")
        out = await publish(tenant)
        gone = await tenant.knock("DELETE", f"/api/promotions/packs/{waiting['number']}")
        late = await tenant.knock("DELETE", f"/api/promotions/packs/{out['number']}")
        never = await tenant.knock("DELETE", "/api/promotions/packs/99")
        left = await tenant.see("/api/promotions/packs")

    assert (gone.status, late.status, never.status) == (204, 409, 404)
    assert late.body["code"] == "already-published"
    assert [pack["number"] for pack in left["packs"]] == [out["number"]]


async def test_a_repeat_publishes_once_and_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        key = {"Idempotency-Key": "monday"}
        first = await tenant.knock("POST", "/api/promotions/packs", json={}, headers=key)
        again = await tenant.knock("POST", "/api/promotions/packs", json={}, headers=key)
        unknown = await tenant.knock("POST", "/api/promotions/packs", json={"stores": ["X9"]})

    assert first.body == again.body
    assert (unknown.status, unknown.body["code"]) == (404, "unknown-store")
    assert "X9" in unknown.body["title"]


async def test_packs_are_listed_newest_first_page_by_page_with_their_stores(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        for code in ("S1", "S2", "S3"):
            await tenant.open_store(code=code)
        await publish(tenant)
        await publish(tenant, stores=["S3", "S1"])
        await publish(tenant)
        first = await tenant.see("/api/promotions/packs?limit=2")
        second = await tenant.see(f"/api/promotions/packs?limit=2&cursor={first['next']}")

    assert [(pack["number"], pack["stores"]) for pack in first["packs"]] == [(3, []), (2, ["S1", "S3"])]
    assert [pack["number"] for pack in second["packs"]] == [1]
    assert second["next"] is None
