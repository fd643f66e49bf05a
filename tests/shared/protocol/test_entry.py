"""A journal's entries are kept as written, and each is bound to all before it."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.days import Tally
from shared.events import EVENTS
from shared.events.days import DayClosed
from shared.events.devices import DeviceConnected, DeviceDegraded, DeviceFailed
from shared.events.nodes import ClockSet, CopiesDelivered, LeftOut, NodeStarted, PromotionsLeftOut
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.day import Closing
from shared.protocol.entry import BadEntry, Entry, chained, fact_of, genesis, read, write
from tests.builders import NODE_ID, NOW, an_id, order, refund, sold

STARTED = NodeStarted(software_version="1.0")
SALE = order(sold("Γάλα – חלב", 3, discount_minor=10), sold('"quoted" \\ <b>'))
LEFT_OUT = PromotionsLeftOut(pack_version="0" * 16, left_out=(LeftOut(promotion_id="Τσάι 1", problem="it: unknown"),))
TROUBLE = {"reason": "printer-out-of-paper", "title": "The printer is out of paper.", "hint": "Change the roll."}
CLOSING = Closing(
    id=an_id(50),
    number=3,
    business_day=date(2026, 3, 14),
    at=NOW,
    series="T1K1",
    currency="GBP",
    first_seq=4,
    last_seq=9,
    figures=Tally().figures(),
    all_time_minor=0,
)
FACTS = [
    STARTED,
    LEFT_OUT,
    CopiesDelivered(node_id=NODE_ID, first_seq=4, last_seq=9),
    ClockSet(before=datetime(1970, 1, 1, tzinfo=UTC), after=NOW, device=datetime(1970, 1, 1, tzinfo=UTC)),
    OrderCompleted(order=SALE),
    OrderRefunded(refund=refund(SALE, {1: 1})),
    DayClosed(closing=CLOSING),
    DeviceConnected(device="printer", kind="printer", left_out=3),
    DeviceDegraded(device="printer", kind="printer", **TROUBLE),
    DeviceFailed(device="printer", kind="printer", **TROUBLE),
]


def written(number: int = 1, **changes: Any) -> bytes:
    fields = json.loads(write(number, an_id(number), STARTED, NOW, date(2026, 3, 14)))
    return json.dumps({**fields, **changes}).encode()


def chain(entries: list[bytes], node_id: str = NODE_ID) -> bytes:
    head = genesis(node_id)
    for entry in entries:
        head = chained(head, entry)
    return head


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.event_name)
def test_what_is_written_is_read_again_whole(fact: Any) -> None:
    at = datetime(2026, 3, 14, 23, 59, 59, 999_999, tzinfo=UTC)

    entry = read(write(7, an_id(7), fact, at, date(2026, 3, 15)))

    assert (entry.seq, entry.id, entry.at, entry.business_day) == (7, an_id(7), at, date(2026, 3, 15))
    assert (entry.name, entry.version) == (fact.event_name, fact.event_version)
    assert fact_of(entry) == fact


def test_every_event_has_an_example_here() -> None:
    assert {type(fact) for fact in FACTS} == set(EVENTS.values())
    assert all(EVENTS[fact.event_name, fact.event_version] is type(fact) for fact in FACTS)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.event_name)
def test_an_entry_is_one_line_of_json(fact: Any) -> None:
    entry = write(1, an_id(), fact, NOW, date(2026, 3, 14))

    assert b"\n" not in entry
    assert list(json.loads(entry)) == ["seq", "id", "name", "version", "at", "business_day", "body"]


def test_the_chain_is_the_one_that_is_documented() -> None:
    first, second = written(1), written(2)

    by_hand = hashlib.sha256(hashlib.sha256(hashlib.sha256(NODE_ID.encode()).digest() + first).digest() + second)

    assert chain([first, second]) == by_hand.digest()


def test_any_bit_that_flips_breaks_the_chain() -> None:
    before, entry, after = written(1), written(2), written(3)
    whole = chain([before, entry, after])

    for place in range(len(entry) * 8):
        flipped = bytearray(entry)
        flipped[place // 8] ^= 1 << place % 8
        assert chain([before, bytes(flipped), after]) != whole


@pytest.mark.parametrize(
    "others",
    [[], [written(1)], [written(2), written(1)], [written(1), written(1), written(2)], [written(1) + written(2)]],
)
def test_entries_that_are_missing_moved_doubled_or_joined_break_the_chain(others: list[bytes]) -> None:
    assert chain(others) != chain([written(1), written(2)])


def test_the_same_entries_of_another_node_are_another_chain() -> None:
    assert chain([written(1)], an_id(2)) != chain([written(1)], an_id(3))


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"[]",
        b"nonsense",
        b"\xff\xfe",
        written()[:-1],
        written() + b"x",
        written(seq=0),
        written(seq="1"),
        written(id="1"),
        written(version=0),
        written(name=""),
        written(at="2026-03-14T15:09:26"),  # whose time?
        written(at=5.5),
        written(business_day="14.03.2026"),
        written(body=None),
        written(body=[]),
        written(extra=1),
        b"[" * 100_000,
    ],
)
def test_what_is_no_entry_is_refused(entry: bytes) -> None:
    with pytest.raises(BadEntry):
        read(entry)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "node.exploded"}, "unknown event node.exploded version 1"),
        ({"version": 2}, "unknown event node.started version 2"),
        ({"body": {}}, "software_version"),
        ({"body": {"software_version": 1}}, "software_version"),
        ({"body": {"software_version": "1", "colour": "red"}}, "colour"),
        ({"name": "order.completed"}, "order"),
    ],
)
def test_a_fact_that_this_version_does_not_know_is_refused_by_name(changes: dict[str, Any], problem: str) -> None:
    entry = read(written(**changes))

    with pytest.raises(BadEntry) as caught:
        fact_of(entry)

    assert problem in str(caught.value.facts["problem"])


def test_an_entry_of_a_future_version_can_still_be_kept() -> None:
    assert isinstance(read(written(version=99, name="shelf.counted", body={"anything": [1, {"a": None}]})), Entry)
