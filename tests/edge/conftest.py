"""A small shop and a till in front of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.shop import Shop
from tests.edge.small_shop import HandClock, Till, open_small_shop, open_till


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def shop(tmp_path: Path, clock: HandClock) -> AsyncIterator[Shop]:
    async with open_small_shop(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def till(shop: Shop) -> AsyncIterator[Till]:
    async with open_till(shop) as opened:
        yield opened
