"""Prize codes: imported once, leased in ranges, bound to their order, void when it comes back, given out once."""

from pathlib import Path
from typing import Any

from tests.cloud.boxes import Box, an_id
from tests.cloud.specials.world import deliver, wrongs
from tests.cloud.world import CSV, Answer, Tenant, World, knock_as, open_world

TERMS = {"name": "Summer draw", "from_minor": 500}


async def begin(tenant: Tenant, codes: int = 0, **terms: Any) -> None:
    answer = await tenant.knock("PUT", "/api/lotteries/draw", json={**TERMS, **terms})
    assert answer.status == 200, answer.body
    if codes:
        assert (await load(tenant, codes)).status == 200


async def load(tenant: Tenant, codes: int, prefix: str = "WIN") -> Answer:
    text = "\n".join(["code", *(f"{prefix}{number:04d}" for number in range(1, codes + 1))])
    return await tenant.knock("POST", "/api/lotteries/draw/imports", data=text, headers=CSV)


async def blocks(world: World, box: Box) -> list[tuple[int, int]]:
    """Return (first number, how many) of the blocks that the feed brings a box."""
    rows = (await knock_as(world, box, "GET", "/api/feed")).body["rows"]
    bodies = [row["body"] for row in rows if row["kind"] == "lottery_block"]
    return [(body["first"], len(body["codes"])) for body in bodies if body["node_id"] == box.id]


def won(box: Box, order: int, *numbers: int, due: int | None = None) -> Any:
    """Note an order that got these codes."""
    codes = tuple({"number": number, "code": f"WIN{number:04d}"} for number in numbers)
    draw = {"lottery": "draw", "name": "Summer draw", "due": due or len(codes), "codes": codes}
    return box.sold(order, draws=(draw,))


async def two_boxes(world: World) -> tuple[Tenant, Box, Box]:
    tenant = await world.tenant()
    store = await tenant.open_store()
    return tenant, await tenant.enrol(store["id"]), await tenant.enrol(store["id"], "till", "S1T1")


async def state(tenant: Tenant) -> dict[str, int]:
    [shown] = (await tenant.see("/api/lotteries"))["lotteries"]
    return {name: shown[name] for name in ("free", "leased", "drawn", "void", "is_low")}


async def test_boxes_get_ranges_that_never_overlap(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_boxes(world)
        await begin(tenant, codes=500)
        first, second = await blocks(world, here), await blocks(world, there)
        shown = await state(tenant)

    assert sorted(first + second) == [(1, 100), (101, 100)]
    assert shown == {"free": 300, "leased": 200, "drawn": 0, "void": 0, "is_low": False}


async def test_a_new_box_gets_codes_when_it_starts_and_another_block_when_half_are_out(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_boxes(world)
        await begin(tenant, codes=500)
        late = await tenant.enrol(here.store_id, "late", "S1L1")
        late.started("1.0")
        [(first, _)] = await blocks(world, here)
        for order in range(1, 51):
            won(here, order, first + order - 1)
        await deliver(world, late, here)
        mine = await blocks(world, here)

        assert await blocks(world, late) == [(201, 100)]
        assert mine == [(first, 100), (301, 100)]


async def test_codes_of_an_order_that_came_back_whole_are_void_whichever_arrives_first(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_boxes(world)
        await begin(tenant, codes=400)
        (first, _), *_ = await blocks(world, here)
        whole, half, early = won(here, 1, first), won(here, 2, first + 1), won(here, 3, first + 2)
        there.took_back(20, early)
        there.took_back(21, early)
        await deliver(world, there)  # its refunds are here before the order
        here.took_back(10, whole)
        here.took_back(11, whole)
        here.took_back(12, half)
        await deliver(world, here)
        shown = await state(tenant)

    assert (shown["drawn"], shown["void"]) == (1, 2)


async def test_a_block_that_runs_low_is_told(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, *_ = await two_boxes(world)
        await begin(tenant, codes=250)
        low = await state(tenant)
        await load(tenant, 500, prefix="MORE")
        enough = await state(tenant)

    assert (low["free"], low["is_low"]) == (50, True)
    assert (enough["free"], enough["is_low"]) == (550, False)


async def test_a_code_is_taken_once_and_what_is_none_is_listed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, *_ = await two_boxes(world)
        await begin(tenant)
        await tenant.knock("POST", "/api/lotteries/draw/imports", data="A1", headers=CSV)
        content = "\ufeffcode\nA1\nA2\n\nA2\nhas blank\n" + "x" * 65
        answer = await tenant.knock("POST", "/api/lotteries/draw/imports", data=content, headers=CSV)
        odd = await tenant.knock("POST", "/api/lotteries/draw/imports", data=b"\xff\xfe", headers=CSV)
        nowhere = await tenant.knock("POST", "/api/lotteries/other/imports", data="A1", headers=CSV)

    assert (answer.body["taken"], answer.body["rejected"]) == (1, 4)
    assert [row["number"] for row in answer.body["rejected_codes"]] == [1, 4, 5, 6]
    assert (odd.status, odd.body["code"], nowhere.status) == (400, "bad-codes", 404)


async def test_codes_that_were_not_the_boxs_or_too_few_are_exceptions_that_people_see(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_boxes(world)
        await begin(tenant, codes=400)
        (mine, _), (others, _) = [(await blocks(world, box))[0] for box in (here, there)]
        won(here, 1, mine)
        won(here, 2, others)
        won(here, 3, mine)
        won(here, 4, due=2)
        await deliver(world, here)
        found = await wrongs(tenant)
        totals = await tenant.totals()

    assert found == [
        ("lottery_ran_out", an_id(4)),
        ("foreign_lottery_code", an_id(3)),
        ("foreign_lottery_code", an_id(2)),
    ]
    assert (totals["orders"], totals["quarantined"]) == (4, 0)


async def test_an_ended_lottery_leaves_the_tills(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_boxes(world)
        await begin(tenant, codes=10)
        ended = await tenant.knock("DELETE", "/api/lotteries/draw")
        rows = (await knock_as(world, here, "GET", "/api/feed")).body["rows"]

    assert ended.status == 204
    assert [row["gone"] for row in rows if row["kind"] == "lottery"] == [True]
