"""An older copy of head office's data counts its versions a second time; no node mixes the two pasts."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from shared.protocol.feed import FeedPage
from tests.cloud.boxes import Box
from tests.cloud.world import Tenant, World, knock_as, open_world

HEADER = "sku,name,barcode,price,tax_class\n"
LOST = ((), 0, False, 0)
Place = tuple[int, str]  # cursor and head


async def asked(world: World, box: Box, cursor: int, head: str = "") -> FeedPage:
    known = f"&head={head}" if head else ""
    answer = await knock_as(world, box, "GET", f"/api/feed?cursor={cursor}&wait_s=0{known}")
    assert answer.status == 200, answer.body
    return FeedPage.model_validate_json(json.dumps(answer.body))


def told(page: FeedPage) -> tuple[Sequence[object], int, bool, int]:
    return page.rows, page.cursor, page.more, page.newest


async def reached(world: World, box: Box) -> Place:
    """Return where a node stands that has taken everything."""
    whole = await asked(world, box, 0)
    assert whole.head
    return whole.cursor, whole.head


async def reprice(world: World, tenant: Tenant, *prices: int) -> None:
    for price in prices:
        answer = await Tenant(world, tenant.id, tenant.key).import_csv(f"{HEADER}tea,Tea,,{price}.00,standard")
        assert answer.status == 200, answer.body


async def a_past(folder: Path) -> tuple[Tenant, Box, Place, Place]:
    """Copy the data, then publish what the copy lacks. Returns where a node stood before and after that."""
    async with open_world(folder) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        await reprice(world, tenant, 1)
        before = await reached(world, box)
    shutil.copytree(folder, folder.with_name("copy"))
    async with open_world(folder) as world:
        await reprice(world, tenant, 2, 3)
        return tenant, box, before, await reached(world, box)


@pytest.mark.parametrize("prices", [(), (4,), (4, 5), (4, 5, 6)], ids=["none", "fewer", "as many", "more"])
async def test_who_took_what_the_copy_lacks_takes_the_whole_anew(tmp_path: Path, prices: tuple[int, ...]) -> None:
    tenant, box, _, after = await a_past(tmp_path / "data")
    async with open_world(tmp_path / "copy") as world:
        await reprice(world, tenant, *prices)
        page = await asked(world, box, *after)

    assert told(page) == LOST


async def test_the_same_published_again_is_the_same_past(tmp_path: Path) -> None:
    tenant, box, _, after = await a_past(tmp_path / "data")
    async with open_world(tmp_path / "copy") as world:
        await reprice(world, tenant, 2, 3)
        page = await asked(world, box, *after)

    assert (page.rows, page.cursor, page.head) == ((), *after)


async def test_a_node_that_took_nothing_since_the_copy_goes_on(tmp_path: Path) -> None:
    tenant, box, before, _ = await a_past(tmp_path / "data")
    async with open_world(tmp_path / "copy") as world:
        await reprice(world, tenant, 4)
        page = await asked(world, box, *before)

    assert [(row.kind, row.key) for row in page.rows] == [("price", "tea")]


async def test_a_node_in_the_middle_of_an_import_goes_on(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        await tenant.import_csv(HEADER + "".join(f"sku-{number},Tea,,1.00,standard\n" for number in range(1_300)))
        first = await asked(world, box, 0)
        assert first.head
        second = await asked(world, box, first.cursor, first.head)

    assert first.more
    assert second.rows[0].version == first.cursor + 1


async def test_a_snapshot_knows_its_place(tmp_path: Path) -> None:
    async with open_world(tmp_path / "data") as world:
        tenant = await world.tenant()
        box = await tenant.enrol((await tenant.open_store())["id"])
        await reprice(world, tenant, 1)
        here = await reached(world, box)
        answer = await knock_as(world, box, "GET", "/api/feed/snapshot")
    (tmp_path / "whole.db").write_bytes(answer.body)

    with closing(sqlite3.connect(tmp_path / "whole.db")) as file:
        assert file.execute("select cursor, head from feed").fetchall() == [here]


async def test_a_node_of_older_software_is_told_nothing_new_and_is_served(tmp_path: Path) -> None:
    _, box, _, (cursor, _) = await a_past(tmp_path / "data")
    async with open_world(tmp_path / "copy") as world:
        answer = await knock_as(world, box, "GET", f"/api/feed?cursor={cursor}")

    assert answer.body.keys() == {"rows", "cursor", "more", "newest"}
    assert answer.body["newest"] > 0


async def test_data_of_before_there_were_heads_are_another_past_each_time_they_are_brought_up_to_date(
    tmp_path: Path,
) -> None:
    _, box, _, _ = await a_past(tmp_path / "data")
    with closing(sqlite3.connect(next((tmp_path / "data").glob("*.db")))) as file:
        file.execute("drop table feed_heads")
        file.execute("drop table use_sums")
        for index in ("ix_journal_heads_author_id", "uses_by_state"):
            file.execute(f"drop index {index}")
        for column in ("author_id", "first_seq", "parent_id"):
            file.execute(f"alter table journal_heads drop column {column}")
        file.execute("update alembic_version set version_num = '0007'")
        file.commit()
    shutil.copytree(tmp_path / "data", tmp_path / "again")
    places: list[Place] = []
    of_lost_past = []
    for folder in ("data", "again"):
        async with open_world(tmp_path / folder) as world:
            places.append(await reached(world, box))
            of_lost_past.append(told(await asked(world, box, *places[0])) == LOST)

    assert places[0][0] == places[1][0]
    assert of_lost_past == [False, True]
