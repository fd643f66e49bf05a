"""Whatever the line does to deliveries, each entry ends at head office once."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cloud.boxes import Box
from tests.cloud.world import World, knock_as, open_world, send

ENTRIES = 8


@st.composite
def disorder(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Cut a journal into batches, send each one to five times, in any order."""
    cuts = sorted(draw(st.sets(st.integers(1, ENTRIES - 1), max_size=4)))
    batches = list(zip([1, *(cut + 1 for cut in cuts)], [*cuts, ENTRIES], strict=True))
    sent = [batch for batch in batches for _ in range(draw(st.integers(1, 5)))]
    return draw(st.permutations(sent))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(deliveries=disorder())
def test_batches_sent_again_reordered_and_half_acknowledged_are_held_once(deliveries: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(deliver(Path(folder), deliveries))


async def deliver(folder: Path, deliveries: list[tuple[int, int]]) -> None:
    async with open_world(folder) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        box = await tenant.enrol(store["id"])
        orders = [box.sold(number) for number in range(1, ENTRIES + 1)]

        for first_seq, last_seq in deliveries:
            answer = await send(world, box, first_seq, last_seq)  # the answer is lost on its way back
            assert answer.status == 200
        await go_on_from_where_head_office_is(world, box)
        await world.projected()

        kept = await world.rows("select seq, entry from journal order by seq")
        totals = await tenant.totals()
        listed = (await tenant.see("/api/orders"))["orders"]
    assert kept == [(seq, entry.decode()) for seq, entry in enumerate(box.entries, start=1)]
    assert (totals["orders"], totals["quarantined"]) == (ENTRIES, 0)
    assert [row["id"] for row in reversed(listed)] == [order.id for order in orders]


async def go_on_from_where_head_office_is(world: World, box: Box) -> None:
    held = (await knock_as(world, box, "POST", "/api/contacts", json={"unsent": ENTRIES})).body["seq"]
    if held < ENTRIES:
        assert (await send(world, box, held + 1)).body["seq"] == ENTRIES
