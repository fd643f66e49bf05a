"""The disk refuses at any act of a sale: it is sold and kept, or refused with a clear word, and never both."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from edge.app import open_database
from edge.database import Database, StorageFailed
from edge.sync.payments import own
from tests.edge.power.day import CARD, CASH
from tests.edge.power.promises import Promised, broken
from tests.edge.power.troubled import ACTS, Act, Health, refusing, troubled
from tests.edge.small_shop import Till, open_small_shop, open_till

ACTS_MAX = 200  # of a sale; far more than it has
SELLS_AGAIN_S = 5.0
FULL = 2  # as SQLite counts how much is synced


@dataclass(slots=True)
class Trial:
    """A shop on a disk that may fail, and what its people were told."""

    till: Till
    health: Health
    folder: Path
    promised: Promised = field(default_factory=Promised)
    scans: int = 0

    async def sell(self, tender: dict[str, Any]) -> tuple[int, Any, str | None]:
        """Try to sell one thing. Returns the last status and answer, and which basket it was."""
        self.scans += 1
        key = f"scan-{self.scans}"
        status, basket = await self.till.scan("tea", **{"Idempotency-Key": key})
        if status != 200:
            return status, basket, None
        self.promised.keys.add(key)
        path = f"/api/baskets/{basket['id']}/checkout"
        status, answer = await self.till.call("POST", path, {"tender": tender})
        if status == 200:
            self.promised.sold[answer["id"]] = answer["receipt_number"]
            self.promised.refused.discard(basket["id"])
        else:
            self.promised.refused.add(basket["id"])
        return status, answer, basket["id"]

    def wrong_after_a_kill(self, name: str) -> list[str]:
        """Return what would be wrong if the box were killed now and started on its disk as it is."""
        copy = copied(self.till.shop.db.path.parent, self.folder / name)
        found = broken(copy / "sales.db", self.promised)
        shutil.rmtree(copy)
        return found

    async def sell_again(self) -> None:
        """The disk takes everything again: so must the shop, soon."""
        self.health.heal()
        async with asyncio.timeout(SELLS_AGAIN_S):
            await own(self.till.shop)
            status, answer, _ = await self.sell(CASH)
            assert status == 200, answer


def copied(folder: Path, to: Path) -> Path:
    """Copy the sales of a shop as they are now."""
    to.mkdir()
    for file in folder.glob("sales.db*"):
        shutil.copy(file, to)
    return to


@asynccontextmanager
async def trial(folder: Path, checkpoint_pages: int = 8) -> AsyncIterator[Trial]:
    """checkpoint_pages: how full the log gets; with 8 it goes into the file during every sale."""
    (folder / "shop").mkdir()
    async with open_small_shop(folder / "shop") as shop, open_till(shop) as till:
        await shop.db.transact(lambda tx: tx.value(f"pragma wal_autocheckpoint = {checkpoint_pages}"))
        with troubled(shop.db) as health:
            yield Trial(till, health, folder)


async def refused_at_each(on: Trial, act: Act, tender: dict[str, Any], *, lasts: bool) -> int:
    """Let the 1st, 2nd … act of a sale fail until it has no more of them. Returns how often the sale was refused."""
    refusals = 0
    for first in range(1, ACTS_MAX):
        on.health.fail(act, first, lasts=lasts)
        status, answer, basket_id = await on.sell(tender)
        failures = on.health.failures
        if status != 200:
            refusals += 1
            assert (status, answer["code"]) == (503, "storage-failed")
            assert "Do not hand out goods" in answer["hint"]
            assert basket_id not in await on.till.shop.db.transact(order_ids)
        assert on.wrong_after_a_kill(f"{act} {first}") == []
        await on.sell_again()
        assert on.wrong_after_a_kill(f"{act} {first} again") == []
        if not failures:
            return refusals
    raise AssertionError("a sale has no end of acts")


def order_ids(tx: Any) -> set[str]:
    return {key for (key,) in tx.rows("select id from orders")}


@pytest.mark.parametrize("lasts", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("tender", [CASH, CARD], ids=["cash", "card"])
async def test_a_sale_is_kept_or_refused_whichever_write_or_sync_fails(
    tmp_path: Path, tender: dict[str, Any], lasts: bool
) -> None:
    async with trial(tmp_path) as on:
        assert await refused_at_each(on, "write", tender, lasts=lasts) > 15
        assert await refused_at_each(on, "sync", tender, lasts=lasts) >= 2
        assert on.till.shop.db._connection.value("pragma synchronous") == FULL


async def test_a_log_that_cannot_be_put_away_refuses_no_sale(tmp_path: Path) -> None:
    async with trial(tmp_path) as on:
        for act in ACTS[:3]:
            on.health.fail(act, 1, lasts=True)
            on.health.files = {str(on.till.shop.db.path)}
            for _ in range(5):
                assert (await on.sell(CASH))[0] == 200
            assert act == "truncate" or on.health.failures > 0
            on.health.heal()


@pytest.mark.parametrize("act", ACTS)
async def test_a_shop_that_cannot_open_says_so_and_opens_as_soon_as_the_disk_lets_it(tmp_path: Path, act: Act) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        sold = (await till.sell("milk"))["id"]
        picture = copied(tmp_path, tmp_path / "killed")
    refusals = 0
    with refusing() as health:
        for first in range(1, ACTS_MAX):
            for file in picture.iterdir():
                shutil.copy(file, tmp_path)
            health.fail(act, first)
            try:
                async with open_small_shop(tmp_path):
                    pass
            except StorageFailed:
                refusals += 1
            failures = health.failures
            health.heal()
            async with open_small_shop(tmp_path) as shop:
                assert sold in await shop.db.transact(order_ids)
            if not failures:
                break

    assert refusals > 0 or act == "truncate"


async def test_a_refused_sale_does_not_come_back_with_the_next_start(tmp_path: Path) -> None:
    async with trial(tmp_path) as on:
        basket_id = (await on.till.fill("tea"))["id"]
        on.health.fail("sync", 1)
        status, _ = await on.till.pay(basket_id)
        copy = copied(tmp_path / "shop", tmp_path / "copy")
        on.health.heal()

    async with open_database(copy) as db:
        assert status == 503
        assert basket_id not in await db.transact(order_ids)


async def test_a_box_whose_disk_refuses_is_not_called_healthy(tmp_path: Path) -> None:
    async with trial(tmp_path) as on:
        on.health.fail("write", 1, lasts=True)
        status, health = await on.till.call("GET", "/healthz")
        on.health.heal()
        again, _ = await on.till.call("GET", "/healthz")

    assert (status, health["can_sell"]) == (503, False)
    assert "does not answer properly" in health["storage"]
    assert again == 200


def test_closing_on_a_disk_that_refuses_loses_nothing(tmp_path: Path) -> None:
    with refusing() as health:
        db = Database(tmp_path / "sales.db", (("words", ("create table words (word text) strict",)),))
        health.fail("sync", 1, lasts=True)
        db.close()
        health.heal()
        again = Database(tmp_path / "sales.db", (("words", ("create table words (word text) strict",)),))
        again.close()
