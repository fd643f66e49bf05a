"""What goes wrong between neighbours ends no daemon, and what is away delays nobody who is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from edge.config import Neighbours
from edge.database import DiskFull, StorageFailed
from edge.neighbours import service
from edge.neighbours.worker import keep_company
from edge.shop import Shop
from tests.edge.neighbours.test_copies import Pair, pair
from tests.edge.sync.head_office import stranger
from tests.world import until

__all__ = ["pair"]  # a fixture


@asynccontextmanager
async def in_company(shop: Shop, *addresses: str, **changes: Any) -> AsyncIterator["asyncio.Task[None]"]:
    """Let a box be a neighbour while the context is open; head office is away."""
    beside = Neighbours.model_validate({"host": "127.0.0.1", "beacon_port": 0, "addresses": addresses, **changes})
    async with stranger("http://127.0.0.1:9") as head_office:
        task = asyncio.create_task(keep_company(shop, beside, 1, head_office))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])


@pytest.mark.parametrize("failing", ["waiting", "copy_for"])
@pytest.mark.parametrize("trouble", [DiskFull, StorageFailed])
async def test_a_disk_that_fails_for_a_moment_ends_nothing(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, failing: str, trouble: type[Exception]
) -> None:
    real, asked = getattr(service, failing), []

    def fails_once(*args: Any) -> Any:
        asked.append(failing)
        if len(asked) == 1:
            raise trouble
        return real(*args)

    monkeypatch.setattr(service, failing, fails_once)
    monkeypatch.setattr("shared.workers.RETRY_S", 0.05)
    await pair.till.sell("milk")

    async def copied() -> bool:
        return await pair.held() == 2 and len(asked) > 1

    async with in_company(pair.kiosk, pair.address, waits_s=0.05) as task:
        await until(copied)
        assert not task.done()
