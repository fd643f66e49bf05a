"""One service owns the data, and the migrations make the tables that the code means."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Inspector

from cloud.app import open_head_office
from cloud.database import AlreadyRunning, Database, Transaction, metadata
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
