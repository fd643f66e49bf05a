"""Reads are merged in bounded memory, and what is lost is counted."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import DeviceDisconnected
from devices.rfid.hand_over import HandOver
from devices.rfid.interface import TagRead, TagReads
from devices.rfid.window import TAKEN_MAX, Window

WINDOW_S = 10.0


def read(number: int, **told: int | None) -> TagRead:
    return TagRead(number.to_bytes(12), 1, -5_000, number, number)._replace(**told)


def test_the_first_read_is_given_at_once_and_the_next_when_the_window_shuts() -> None:
    window = Window(WINDOW_S)
    window.add([read(1)])

    assert window.take(0.0) == (read(1),)
    window.add([read(1, last_seen_us=5), read(1, rssi_cdbm=-4_000, last_seen_us=7)])
    assert window.take(9.9) == ()
    assert window.next_shut_s == WINDOW_S
    assert window.take(10.0) == (read(1, rssi_cdbm=-4_000, last_seen_us=7, seen_count=2),)
    assert window.take(20.0) == ()
    assert window.next_shut_s is None  # it is forgotten


@pytest.mark.parametrize(("first", "second", "strongest"), [(None, -10, -10), (-10, None, -10), (None, None, None)])
def test_a_strength_that_is_not_told_is_no_strength(
    first: int | None, second: int | None, strongest: int | None
) -> None:
    window = Window(WINDOW_S)
    window.add([read(1, rssi_cdbm=first), read(1, rssi_cdbm=second)])

    assert window.take(0.0)[0].rssi_cdbm == strongest


def test_the_newest_are_kept_and_the_lost_counted() -> None:
    window = Window(WINDOW_S, tags_max=100)
    window.add(read(number) for number in range(250))

    assert [found.first_seen_us for found in window.take(0.0)] == list(range(150, 250))
    assert window.dropped == 150


def test_tags_that_were_given_out_are_forgotten_before_any_that_wait() -> None:
    window = Window(WINDOW_S, tags_max=10)
    window.add(read(number) for number in range(10))
    window.take(0.0)
    window.add([read(3), *(read(number) for number in range(10, 20))])

    assert [found.first_seen_us for found in window.take(1.0)] == list(range(10, 20))
    assert window.dropped == 1  # the second read of tag 3


def test_a_long_queue_is_given_in_parts() -> None:
    window = Window(WINDOW_S)
    window.add(read(number) for number in range(TAKEN_MAX + 1))

    assert [len(window.take(0.0)) for _ in range(3)] == [TAKEN_MAX, 1, 0]


@given(st.lists(st.tuples(st.integers(0, 8), st.floats(0, 5), st.booleans())), st.integers(1, 6))
def test_no_read_is_lost_without_being_counted(steps: list[tuple[int, float, bool]], tags_max: int) -> None:
    window = Window(1.0, tags_max=tags_max)
    given_out: Counter[bytes] = Counter()
    now_s, longest = 0.0, 0
    for number, pause_s, is_taken in steps:
        window.add([read(number)])
        longest = max(longest, len(window._waiting) + len(window._held))
        now_s += pause_s
        if is_taken:
            given_out.update({found.epc: found.seen_count for found in window.take(now_s)})
    for _ in range(2):
        given_out.update({found.epc: found.seen_count for found in window.take(float("inf"))})

    assert given_out.total() + window.dropped == len(steps)
    assert longest <= tags_max


async def test_what_is_left_is_given_before_the_reason_of_the_end() -> None:
    hand_over = HandOver(Window(WINDOW_S))
    hand_over.put([read(1)])
    await hand_over.take()
    hand_over.put([read(1), read(2)], unreadable=3)
    hand_over.end(DeviceDisconnected(address="x"))
    hand_over.end(ZeroDivisionError())

    assert await hand_over.take() == TagReads((read(2), read(1)), 0, 3)
    for _ in range(2):
        with pytest.raises(DeviceDisconnected):
            await hand_over.take()


async def test_losses_are_told_once_also_without_reads() -> None:
    hand_over = HandOver(Window(WINDOW_S))
    hand_over.lose(2)

    assert await hand_over.take() == TagReads((), 2, 0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await hand_over.take()
