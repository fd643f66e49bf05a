"""Entries go up signed by the node that wrote them."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from shared.protocol.batch import BATCH_ENTRIES_MAX, Backlog, BadSignature, Batch, sign, verify
from shared.protocol.entry import chained, genesis
from tests.builders import NODE_ID, an_id

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw()
ENTRIES = ["first – α".encode(), b"second"]
HEAD = chained(chained(genesis(NODE_ID), ENTRIES[0]), ENTRIES[1])


def a_batch() -> Batch:
    return sign(KEY, NODE_ID, 5, ENTRIES, HEAD, Backlog(unsent=2))


def test_a_batch_arrives_as_it_was_signed() -> None:
    batch = Batch.model_validate_json(a_batch().model_dump_json())

    verify(batch, PUBLIC, NODE_ID)

    assert [entry.encode() for entry in batch.entries] == ENTRIES
    assert (batch.first_seq, batch.last_seq, bytes.fromhex(batch.head)) == (5, 6, HEAD)
    assert batch.backlog.unsent == 2


def test_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)).public_key().public_bytes_raw()

    with pytest.raises(BadSignature):
        verify(a_batch(), other, NODE_ID)


def test_another_nodes_id_is_refused() -> None:
    with pytest.raises(BadSignature) as caught:
        verify(a_batch(), PUBLIC, an_id(9))

    assert caught.value.facts == {"node_id": an_id(9)}


@pytest.mark.parametrize(
    "changes",
    [
        {"head": "0" * 64},
        {"first_seq": 6},
        {"entries": ("first – α",)},  # the last seq is signed with the head
        {"signature": ""},
        {"signature": "not base64!"},
        {"signature": "é"},
        {"signature": base64.b64encode(bytes(64)).decode()},
        {"signature": base64.b64encode(bytes(63)).decode()},
    ],
)
def test_a_batch_that_was_changed_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadSignature):
        verify(a_batch().model_copy(update=changes), PUBLIC, NODE_ID)


@pytest.mark.parametrize("public_key", [b"", bytes(31), bytes(33), bytes(32)])
def test_a_key_that_is_none_refuses_all(public_key: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(a_batch(), public_key, NODE_ID)


@pytest.mark.parametrize(
    "changes",
    [
        {"first_seq": 0},
        {"entries": []},
        {"entries": ["x"] * (BATCH_ENTRIES_MAX + 1)},
        {"head": "0" * 63},
        {"head": "G" * 64},
        {"signature": "x" * 101},
        {"backlog": {"unsent": -1}},
        {"backlog": None},
        {"extra": 1},
    ],
)
def test_a_batch_has_bounds(changes: dict[str, Any]) -> None:
    fields = a_batch().model_dump(mode="json")

    with pytest.raises(ValidationError):
        Batch.model_validate_json(json.dumps({**fields, **changes}))
