"""What a closing says of itself is compared, too; what is too much for it, or is not here yet, is told."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.model.day import TAX_ROWS_MAX
from tests.cloud.boxes import an_order
from tests.cloud.days.test_proof import NEXT_DAY, a_box, a_day, days, delivered, findings, verdict
from tests.cloud.world import open_world, send
from tests.world import until


async def test_a_closing_with_thousands_of_tax_rates_is_set_aside(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        a_day(box)
        [tax] = box.closed().figures.taxes
        box.closings.clear()
        del box.entries[-1]
        rows = tuple(tax.model_copy(update={"tax_class": f"t{number}"}) for number in range(8_000))
        box.closed(figures={"taxes": rows})
        await send(world, box)
        await world.projected()
        page, aside = await tenant.see("/api/days"), await tenant.see("/api/quarantine")

    assert page["days"] == []
    assert [entry["seq"] for entry in aside["entries"]] == [5]
    assert "at most 200" in aside["entries"][0]["reason"]


async def test_a_day_with_more_tax_rates_than_any_country_has_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        for number in range(1, TAX_ROWS_MAX + 2):
            [tax] = an_order(box, number).taxes
            box.sold(number, taxes=(tax.model_copy(update={"tax_class": f"t{number}"}),))
        box.facts.clear()
        box.closed()
        for first in range(1, len(box.entries) + 1, 100):
            await send(world, box, first, min(first + 99, len(box.entries)))
        await world.checked()
        found = await verdict(tenant, box)

    assert (found["state"], findings(found)) == ("differs", [("not_summed", "1", None)])


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"currency": "EUR"}, {"field": "currency", "told": "EUR", "found": "GBP"}),
        ({"series": "S9K9"}, {"field": "series", "told": "S9K9", "found": "S1K1"}),
        ({"day": date(2026, 3, 1)}, {"field": "business_day", "told": "2026-03-01", "found": "2026-03-03"}),
        ({"day": date(2026, 3, 2)}, {"field": "business_day", "told": "2026-03-02", "found": "2026-03-03"}),
        ({"day": date(2026, 3, 4)}, {"field": "business_day", "told": "2026-03-04", "found": "2026-03-03"}),
        ({"day": NEXT_DAY}, None),
    ],
)
async def test_a_closing_that_calls_itself_wrong_is_not_proven(
    tmp_path: Path, changes: dict[str, Any], difference: dict[str, str] | None
) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        box.sold(2, business_day=NEXT_DAY)  # nobody closed in between
        box.closed(**{"day": NEXT_DAY, **changes})
        await delivered(world, box)
        found = await verdict(tenant, box)

    assert found["state"] == ("differs" if difference else "proven")
    assert found["differences"] == ([difference] if difference else [])


async def test_a_day_that_began_behind_its_end_is_not_proven(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1, business_day=NEXT_DAY)
        box.sold(2)  # a clock went back
        box.closed()
        await delivered(world, box)
        found = await verdict(tenant, box)

    assert found["differences"] == [{"field": "business_day", "told": "2026-03-02", "found": "2026-03-03"}]


async def test_a_closing_whose_span_was_not_here_is_checked_again_once_it_is(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        box.sold(1)
        figures = box.closed(last_seq=4).figures  # it names two entries that are still to come
        await delivered(world, box)
        before = await days(tenant)
        box.started("1.0")
        await delivered(world, box)
        between = await days(tenant)
        box.started("1.1")
        await send(world, box)

        async def proven() -> bool:
            return await days(tenant) == [(1, "proven")]

        await until(proven)

    assert figures.orders == 1
    assert (before, between) == ([(1, "incomplete")], [(1, "incomplete")])
