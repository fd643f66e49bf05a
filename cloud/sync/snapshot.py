"""A store's whole catalogue as one SQLite file, made once for each version of the feed."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cloud.database import Transaction
from cloud.sync import feed
from shared import ids
from shared.protocol.catalogue_file import SCHEMA, apply

FOLDER = "snapshots"  # emptied at each start: a database restored from a backup counts its versions anew


def build(tx: Transaction, tenant_id: str, store_id: str, folder: Path) -> bytes:
    """Return the file with the store's catalogue at the feed's present version, made now if nobody asked before."""
    folder.mkdir(exist_ok=True)
    version = feed.newest(tx, tenant_id)
    path = folder / f"{store_id}-{version}.db"
    if path.exists():
        return path.read_bytes()
    unfinished = folder / f"{ids.new_id()}.part"
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as file:
            file.executescript(f"pragma journal_mode = off; begin; {SCHEMA}")
            cursor, more = 0, True
            while more:
                rows = feed.page(tx, tenant_id, store_id, cursor)
                apply(file, rows.rows, rows.cursor, more=rows.more)
                cursor, more = rows.cursor, rows.more
            file.execute("commit")
        content = unfinished.read_bytes()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    for old in folder.glob(f"{store_id}-*.db"):
        if old != path:
            old.unlink(missing_ok=True)
    return content
