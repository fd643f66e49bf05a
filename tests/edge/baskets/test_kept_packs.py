"""The packs that unfinished baskets were begun with live beside the baskets, through restarts and through damage."""

from pathlib import Path

import pytest

from edge.database import Transaction
from tests.edge.small_shop import MUGS, open_small_shop, open_till, promotion, publish

BETTER = {**MUGS, "name": "Mugs: 2 for 1", "n": 2}


@pytest.mark.parametrize(
    ("damage", "discount_minor"),
    [
        (None, 500),  # 3 for 2, as it was begun
        ("promotions = replace(promotions, '10000', '9000')", 500),
        ("promotions = '[{\"id\": '", 500),
        ("promotions = '7'", 500),
        ("promotions = 'null'", 500),
    ],
)
async def test_a_damaged_copy_keeps_no_box_from_selling(
    tmp_path: Path, damage: str | None, discount_minor: int
) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        before = await till.fill("mug", "mug", "mug")
        await publish(shop.catalogue, promotion(BETTER))

        def harm(tx: Transaction) -> None:
            tx.execute(f"update kept_packs set {damage}")

        if damage:
            await shop.db.transact(harm)
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        after = (await till.lane())["basket"]
        known = before["lines"][0]["promotions"][0]["name"], after["lines"][0]["promotions"][0]["name"]

    assert after["discount_minor"] == discount_minor
    assert known == ("Mugs: 3 for 2", "Mugs: 2 for 1" if damage else "Mugs: 3 for 2")
