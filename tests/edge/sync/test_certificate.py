"""A box that head office has forgotten shows what head office once said of it, and goes on as before."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from cloud.database import FILE
from edge.fleet import service as fleet
from edge.sync.certificate import ASKED_EVERY_S, come_back, fetch_certificate
from edge.sync.client import HeadOfficeRefused
from edge.sync.push import push_all
from tests.edge.sync.head_office import Answer, playing, says
from tests.edge.sync.test_push import Pair, joined

NO_SUCH_DOOR = '{"code": "not-found", "title": "Not Found", "hint": "Look at /docs for what exists."}'
FORGOTTEN = '{"code": "unauthenticated", "title": "Who is this?", "hint": "Sign in."}'


def forget(folder: Path) -> None:
    """Let head office's data be as they were when the box's code was made, and before anybody used it."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as data:
        data.execute("update nodes set public_key = null")
        for table in ("journal", "journal_heads", "orders"):
            data.execute(f"delete from {table}")


async def pushed(pair: Pair) -> str | None:
    """Push, and come back if head office does not know this box. Returns why it was refused."""
    async with pair.client() as head_office:
        try:
            await push_all(pair.shop, head_office)
        except HeadOfficeRefused as refused:
            if not await come_back(pair.shop, head_office, refused):
                raise
            for _ in range(2):  # the first round learns how far head office has come
                await push_all(pair.shop, head_office)
            return str(refused.facts["code"])
        await fetch_certificate(pair.shop, head_office)
        return None


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """A box that was enrolled before there were certificates."""
    async with joined(tmp_path) as opened:
        await opened.shop.db.transact(lambda tx: tx.execute("update identity set certificate = null"))
        opened.shop.identity = await opened.shop.db.transact(fleet.who_am_i)
        yield opened


async def test_a_head_office_that_forgot_the_box_is_refilled(tmp_path: Path) -> None:
    async with joined(tmp_path) as pair:
        numbers = [await pair.sell()]
        first = await pushed(pair)
        await pair.orders(1)
        await pair.close_office()
        forget(tmp_path / "cloud")
        await pair.open_office()
        numbers.append(await pair.sell())
        second = await pushed(pair)

        assert (first, second) == (None, "unauthenticated")
        assert await pair.orders(2) == numbers
        assert await pair.unsent() == 0


async def test_a_fetched_certificate_is_there_after_a_restart_and_is_not_fetched_again(pair: Pair) -> None:
    await pushed(pair)
    pair.shop.identity = await pair.shop.db.transact(fleet.who_am_i)
    async with playing(says("{}")) as stage:
        pair.url = stage.url
        async with pair.client() as head_office:
            await fetch_certificate(pair.shop, head_office)

    assert pair.shop.identity.enrolled.certificate
    assert stage.asked == []


@pytest.mark.parametrize(
    ("answer", "times"), [(says(NO_SUCH_DOOR, 404), 1), (says("{}", 502), 3), (says("<html>"), 3), (says("{}"), 3)]
)
async def test_a_head_office_without_certificates_is_asked_again_later(pair: Pair, answer: Answer, times: int) -> None:
    async with playing(answer) as stage:
        pair.url, real = stage.url, pair.url
        async with pair.client() as head_office:
            for _ in range(3):
                await fetch_certificate(pair.shop, head_office)
    without = pair.shop.identity.enrolled.certificate
    pair.url = real
    pair.shop.line.certificate_from_s -= ASKED_EVERY_S
    await pushed(pair)

    assert len(stage.asked) == times
    assert without is None
    assert pair.shop.identity.enrolled.certificate


async def test_a_box_without_a_certificate_cannot_come_back_and_keeps_everything(pair: Pair) -> None:
    await pair.sell()
    unsent = await pair.unsent()
    async with playing(says(FORGOTTEN, 401)) as stage:
        pair.url = stage.url
        with pytest.raises(HeadOfficeRefused):
            await pushed(pair)

    assert await pair.unsent() == unsent
    assert {request.path for request in stage.asked} == {"/api/journal"}
