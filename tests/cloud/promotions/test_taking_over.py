"""Promotions that were published before they had a table of their own are found in it."""

import json
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from tests.cloud.promotions.offers import easy
from tests.cloud.world import open_world

MIGRATIONS = Path(__file__).parents[3] / "cloud" / "migrations"
ROW = "insert into feed_rows values (:tenant, '', 'promotion', :key, :version, :gone, :body)"


async def test_what_stores_have_is_taken_over_as_active(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
    engine = create_engine(f"sqlite:///{tmp_path / 'head-office.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as tx:
        for table in ("promotions", "packs", "publications", "promotion_alarms"):
            tx.execute(text(f"drop table {table}"))
        for key, version, body in (("P1", 1, json.dumps(easy())), ("P2", 2, None)):
            values = {"tenant": tenant.id, "key": key, "version": version, "gone": body is None, "body": body}
            tx.execute(text(ROW), values)
        config.attributes["connection"] = tx
        command.stamp(config, "0001", purge=True)
        command.upgrade(config, "0002")
    with engine.begin() as tx:
        found = tx.execute(text("select id, state, family, words, updated_at from promotions")).all()
    engine.dispose()

    assert [tuple(row[:4]) for row in found] == [("P1", "active", "easy", "p1 offer p1")]
    assert len(found[0].updated_at) >= len("2026-03-02 09:00:00")
