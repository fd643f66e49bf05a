"""Becoming a node: one code makes one box, and a refusal says why and what to do."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from cloud import app as cloud_app
from edge import app as edge_app
from edge.database import Database
from edge.demo.daemons import free_port
from edge.fleet import service as fleet
from edge.fleet.service import AlreadyEnrolled, NotEnrolled
from edge.sync.client import HeadOfficeAway, HeadOfficeRefused
from edge.sync.enrol import enrol
from shared.clock import SystemClock
from shared.protocol.enrolment import Enrolled
from tests.edge.small_shop import HandClock
from tests.world import STORE, cloud_config, set_up


@dataclass(slots=True)
class Yard:
    """A head office with a code to give, and two boxes that are no nodes yet."""

    url: str
    code: str
    clock: HandClock
    box: Database
    other_box: Database

    async def enrol(self, box: Database, code: str) -> Enrolled:
        return await enrol(box, self.url, code, self.clock)


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    async with AsyncExitStack() as stack:
        clock = HandClock(SystemClock().now())
        http = await stack.enter_async_context(aiohttp.ClientSession())
        office, url = await stack.enter_async_context(
            cloud_app.open_for_business(cloud_config(), tmp_path / "cloud", clock)
        )
        _, code = await set_up(http, url, office.operator_key, STORE)
        boxes = [await stack.enter_async_context(edge_app.open_database(tmp_path / name)) for name in ("one", "two")]
        yield Yard(url, code, clock, *boxes)


async def test_a_code_makes_a_node_however_it_is_typed(yard: Yard) -> None:
    enrolled = await yard.enrol(yard.box, f"  {yard.code.lower()}\n")
    identity = await yard.box.transact(fleet.who_am_i)

    assert (enrolled.node_name, enrolled.series) == ("kiosk", "T1K1")
    assert identity.enrolled == enrolled


async def test_a_wrong_code_is_refused_and_the_box_stays_nobody(yard: Yard) -> None:
    with pytest.raises(HeadOfficeRefused) as refused:
        await yard.enrol(yard.box, "AAAA-BBBB-CCCC")

    assert "not valid" in refused.value.title
    assert "new code" in refused.value.title
    with pytest.raises(NotEnrolled):
        await yard.box.transact(fleet.who_am_i)


async def test_a_code_that_made_a_box_makes_no_other(yard: Yard) -> None:
    await yard.enrol(yard.box, yard.code)

    with pytest.raises(HeadOfficeRefused) as refused:
        await yard.enrol(yard.other_box, yard.code)

    assert "used by another box" in refused.value.title


async def test_a_code_ends(yard: Yard) -> None:
    yard.clock.at += timedelta(hours=73)

    with pytest.raises(HeadOfficeRefused) as refused:
        await yard.enrol(yard.box, yard.code)

    assert "expired at" in refused.value.title
    assert "new code" in refused.value.title


async def test_a_node_does_not_become_another(yard: Yard) -> None:
    await yard.enrol(yard.box, yard.code)

    with pytest.raises(AlreadyEnrolled) as refused:
        await yard.enrol(yard.box, "AAAA-BBBB-CCCC")

    assert "already node kiosk" in refused.value.title
    assert "empty data folder" in refused.value.hint


async def test_a_box_whose_answer_was_lost_asks_again_with_the_same_key(yard: Yard) -> None:
    first = await yard.enrol(yard.box, yard.code)
    await yard.box.transact(lambda tx: tx.execute("update identity set enrolled = null"))  # it never arrived

    assert await yard.enrol(yard.box, yard.code) == first


async def test_nobody_at_head_office_is_told_and_can_be_tried_again(yard: Yard) -> None:
    away, yard.url = yard.url, f"http://127.0.0.1:{free_port(0)}"
    with pytest.raises(HeadOfficeAway):
        await yard.enrol(yard.box, yard.code)
    yard.url = away

    assert (await yard.enrol(yard.box, yard.code)).node_name == "kiosk"
