"""One service owns the data, and the migrations make the tables that the code means."""

from json import dumps
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import IntegrityError

import cloud
from cloud.app import open_head_office
from cloud.database import AlreadyRunning, Database, Transaction, metadata
from shared.model.quota import Quota
from tests.cloud.world import MovableClock, config


async def test_a_second_service_on_the_same_data_is_refused_with_a_hint(tmp_path: Path) -> None:
    async with Database(tmp_path):
        with pytest.raises(AlreadyRunning) as refused:
            Database(tmp_path)

    assert str(tmp_path) in refused.value.title
    assert "Stop the other one first" in refused.value.hint


async def test_the_data_is_free_once_the_service_is_closed(tmp_path: Path) -> None:
    for _ in range(2):
        async with open_head_office(config(), tmp_path, MovableClock()) as head_office:
            assert head_office.db is not None


async def test_what_fails_in_a_transaction_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(tx: Transaction) -> None:
        tx.execute(metadata.tables["feed_versions"].insert().values(tenant_id="t", version=1))
        raise ValueError("on purpose")

    def versions(tx: Transaction) -> list[Any]:
        return list(tx.execute(metadata.tables["feed_versions"].select()))

    async with Database(tmp_path) as db:
        with pytest.raises(ValueError, match="on purpose"):
            await db.write(fail)
        found = await db.read(versions)

    assert found == []


async def test_the_migrations_make_exactly_the_tables_that_the_code_means(tmp_path: Path) -> None:
    async with Database(tmp_path):
        pass
    meant_url = f"sqlite:///{tmp_path / 'meant.db'}"

    meant, migrated = create_engine(meant_url), create_engine(f"sqlite:///{tmp_path / 'head-office.db'}")
    metadata.create_all(meant)
    try:
        shapes = [shape(inspect(engine)) for engine in (meant, migrated)]
    finally:
        meant.dispose()
        migrated.dispose()

    assert shapes[1].pop("alembic_version")
    assert shapes[1].keys() == shapes[0].keys()
    for table, meant_shape in shapes[0].items():
        assert shapes[1][table] == meant_shape, table


def shape(database: Inspector) -> dict[str, dict[str, Any]]:
    """Return all that makes up each table: columns in order, keys, indexes, uniques."""
    return {
        table: {
            "columns": [(c["name"], repr(c["type"]), c["nullable"]) for c in database.get_columns(table)],
            "primary key": database.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in database.get_foreign_keys(table)
            ),
            "indexes": sorted((i["name"], i["column_names"], i["unique"]) for i in database.get_indexes(table)),
            "uniques": sorted(key["column_names"] for key in database.get_unique_constraints(table)),
        }
        for table in database.get_table_names()
    }


def test_campaigns_and_promotions_of_before_are_counted_on(tmp_path: Path) -> None:
    versions = AlembicConfig()
    versions.set_main_option("script_location", str(Path(cloud.__file__ or "").parent / "migrations"))
    engine = create_engine(f"sqlite:///{tmp_path / 'head-office.db'}")
    campaign = {"id": "sun", "name": "Sun", "kind": "batch", "text": "SUN", "size": 9, "max_uses_per_code": 2}
    gate = {"max_uses_total": 7, "max_uses_per_customer": 0}
    use = ("t", "sun", "b", None, None, "s", "n", "leased", "used", None, None, "2026-03-02 00:00:00")
    with engine.begin() as connection:
        versions.attributes["connection"] = connection
        command.upgrade(versions, "0003")
        insert = connection.exec_driver_sql
        now = "2026-03-02 00:00:00"
        insert(
            "insert into coupon_campaigns values (?, ?, ?, ?, ?, ?)", ("t", "sun", "active", "S", dumps(campaign), now)
        )
        for name, gates in (("L1", gate), ("P1", {})):
            row = ("t", name, 1, "ended", "easy", "", dumps({"id": name, "gate": gates}), now)
            columns = "tenant_id, id, revision, state, family, words, body, updated_at"
            insert(f"insert into promotions ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        insert("insert into coupon_uses values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", use)
        insert("insert into coupon_leases values ('t', 'sun', 'n', 's', 5)")
        command.upgrade(versions, "head")
        found = [
            (row.id, row.is_open, Quota.model_validate_json(row.body))
            for row in insert("select * from quotas order by id")
        ]
        kept = [*insert("select quota, granted from uses"), *insert("select quota, leased from leases")]
    engine.dispose()

    assert [(name, is_open, quota.max_uses_total) for name, is_open, quota in found] == [
        ("promotion:L1", 0, 7),
        ("sun", 1, 18),
    ]
    assert kept == [("sun", "leased"), ("sun", 5)]


def test_orders_of_before_are_kept_and_their_numbers_are_unique_at_their_node(tmp_path: Path) -> None:
    versions = AlembicConfig()
    versions.set_main_option("script_location", str(Path(cloud.__file__ or "").parent / "migrations"))
    engine = create_engine(f"sqlite:///{tmp_path / 'head-office.db'}")
    now, row = "2026-03-02 00:00:00", "insert into orders values (" + ", ".join("?" * 15) + ")"
    one = ("t", "a", 1, "s", "n", "S1K1-000001", now, now, "2026-03-02", "GBP", 1, 100, 0, "cash", "{}")
    with engine.begin() as connection:
        versions.attributes["connection"] = connection
        command.upgrade(versions, "0009")
        insert = connection.exec_driver_sql
        insert(row, one)
        command.upgrade(versions, "head")
        insert(row, ("t", "b", 2, "s", "m", *one[5:]))
        with pytest.raises(IntegrityError, match="UNIQUE"):
            insert(row, ("t", "c", 3, *one[3:]))
        kept = [tuple(found) for found in insert("select id, node_id, total_minor from orders order by id")]
    engine.dispose()

    assert kept == [("a", "n", 100), ("b", "m", 100)]
