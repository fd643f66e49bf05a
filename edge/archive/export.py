"""The journal as a file, read in small steps so that sales go on meanwhile."""

from collections.abc import AsyncIterator

from edge import journal
from edge.database import Database, Transaction
from edge.fleet.models import Identity
from edge.journal import DamagedJournal
from shared.errors import Unavailable
from shared.protocol.journal_file import Opening, Writer

READ_MAX = 200  # entries in one transaction


class Overtaken(Unavailable):
    """Entry {seq} was old enough to be forgotten while the journal was read."""

    hint = "Export again; everything that is still needed is there."


async def exported(db: Database, identity: Identity) -> AsyncIterator[bytes]:
    """Yield the file in pieces: everything that this box keeps, as it stands now. Raises DamagedJournal, Overtaken.

    What is written is what was read: whether it fits together is seen by whoever verifies the file.
    """
    opening, last_seq = await db.transact(_opening, identity)
    writer = Writer(opening)
    yield writer.begin()
    seq = opening.after_seq
    while seq < last_seq:
        entries = await db.transact(journal.entries_after, seq, min(READ_MAX, last_seq - seq))
        if not entries or entries[0][0] != seq + 1:
            forgotten, _ = await db.transact(journal.forgotten, identity.node_id)
            raise Overtaken(seq=seq + 1) if seq < forgotten else DamagedJournal(seq=seq + 1)
        yield b"".join(writer.line(written) for _, written in entries)
        seq = entries[-1][0]
    yield writer.end(identity.key)


def _opening(tx: Transaction, identity: Identity) -> tuple[Opening, int]:
    after_seq, after_hash = journal.forgotten(tx, identity.node_id)
    last_seq, _ = journal.head(tx, identity.node_id)
    opening = Opening(
        node_id=identity.node_id,
        series=identity.enrolled.series,
        public_key=identity.key.public_key().public_bytes_raw().hex(),
        after_seq=after_seq,
        after_hash=after_hash.hex(),
    )
    return opening, last_seq
