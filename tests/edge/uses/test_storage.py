"""What was counted before uses had a room of their own is counted on."""

from pathlib import Path

from edge.database import Database
from edge.specials import storage as specials
from edge.uses import storage


async def test_uses_of_coupons_move_over(tmp_path: Path) -> None:
    path = tmp_path / "sales.db"
    row = "('b', 'summer', 'd', 'anna', 'leased', 'used', '', '2026-03-02')"
    async with Database(path, (("specials", specials.MIGRATIONS[:2]),)) as db:
        await db.transact(lambda tx: tx.execute(f"insert into coupon_uses values {row}"))

    async with Database(path, (("uses", storage.MIGRATIONS), ("specials", specials.MIGRATIONS))) as db:
        counted = await db.transact(lambda tx: storage.count(tx, "summer", "another", customer="anna"))

    assert counted == 1
