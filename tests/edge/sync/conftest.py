"""What tests of the line to head office share."""

from pathlib import Path

import pytest

from tests.edge.small_shop import Thing, assortment, product, setting, snapshot_of

MORE = [product(f"sku-{number}", f"{number * 7919 % 1000003:x} of {number**3}") for number in range(3_000)]


@pytest.fixture
async def whole(tmp_path: Path) -> bytes:
    things: list[Thing] = [setting(name="New shop"), *assortment()[1:], *MORE]
    return await snapshot_of(tmp_path / "office", things)
