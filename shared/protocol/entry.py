"""One entry of a node's journal: the bytes as written, and the chain that binds each to all before it.

An entry is one line of JSON. Its bytes are kept and sent as they were written, never re-encoded, because the chain
is over bytes: `hash(n) = SHA-256(hash(n - 1) + entry(n))`, starting from the hash of the node's id.
"""

import hashlib
import json
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, ValidationError

from shared.errors import Invalid
from shared.events import EVENTS
from shared.events.fact import Fact
from shared.model.strict import Code, Id, Moment, Strict

ENTRY_BYTES_MAX = 1_000_000  # an order of 500 lines with long names takes 250 kB


class BadEntry(Invalid):
    """A journal entry cannot be read: {problem}"""

    hint = "The node's software may be newer than head office's; update head office and replay."


class Entry(Strict):
    """What every entry says about itself; `body` belongs to the event named."""

    seq: Annotated[int, Field(ge=1)]
    id: Id
    name: Code
    version: Annotated[int, Field(ge=1)]
    at: Moment  # the device's clock
    business_day: date
    body: dict[str, Any]


def write(seq: int, entry_id: str, fact: Fact, at: datetime, business_day: date) -> bytes:
    """Return the bytes of an entry: one line of JSON, UTF-8."""
    head = {
        "seq": seq,
        "id": entry_id,
        "name": fact.event_name,
        "version": fact.event_version,
        "at": at.isoformat(),
        "business_day": business_day.isoformat(),
    }
    # The body is already JSON: splicing it in spares parsing and writing it a second time on the sale path.
    return f'{json.dumps(head)[:-1]}, "body": {fact.model_dump_json()}}}'.encode()


def read(entry: bytes | str) -> Entry:
    """Read an entry's envelope. Raises BadEntry."""
    try:
        return Entry.model_validate_json(entry)
    except ValidationError as error:
        raise BadEntry(problem=_problem(error)) from error


def fact_of(entry: Entry) -> Fact:
    """Read the fact that an entry records. Raises BadEntry for an unknown name, a future version or a wrong body."""
    return fact_named(entry.name, entry.version, json.dumps(entry.body))


def fact_named(name: str, version: int, body: str) -> Fact:
    """Read a fact from its body's JSON. Raises BadEntry as `fact_of`."""
    kind = EVENTS.get((name, version))
    if kind is None:
        raise BadEntry(problem=f"unknown event {name} version {version}")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise BadEntry(problem=_problem(error)) from error


def _problem(error: ValidationError) -> str:
    """Say where the first mistake is, without repeating what stands there."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'the entry'}: {first['msg']}"


def genesis(node_id: str) -> bytes:
    """Return the hash before a node's first entry; it ties the chain to the node."""
    return hashlib.sha256(node_id.encode()).digest()


def chained(previous: bytes, entry: bytes) -> bytes:
    """Return the hash after `entry`, given the hash before it."""
    return hashlib.sha256(previous + entry).digest()
