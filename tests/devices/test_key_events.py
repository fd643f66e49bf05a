"""What a keyboard typed, from its events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanners.key_events import EVENT, KEY, LOST, PLAIN, SYNC, Keys, Layout, keys_of, typed
from devices.scanners.key_events import SHIFTED as UPPER

LAYOUTS: tuple[Layout, ...] = ("us", "uk", "de", "fr")


def event(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(0, 0, kind, code, value)


def pressed(*codes: int) -> bytes:
    return b"".join(event(KEY, code, value) for code in codes for value in (1, 0))


def test_an_event_has_the_size_of_the_kernel_s() -> None:
    assert EVENT.size == 24


@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
def test_what_a_scanner_types_is_read_back(layout: Layout, data: st.DataObject) -> None:
    letters = sorted({*keys_of(layout, PLAIN).values(), *keys_of(layout, UPPER).values(), "\x1d"})
    text = "".join(data.draw(st.lists(st.sampled_from(letters), max_size=30)))

    assert Keys(layout).feed(typed(text, layout)).decode() == f"{text}\r"


@given(text=st.text("0123456789ABCdef]\x1d", max_size=20), at=st.integers(0, 2_000))
def test_events_may_come_in_pieces(text: str, at: int) -> None:
    keys, events = Keys(), typed(text)

    assert keys.feed(events[:at]) + keys.feed(events[at:]) == f"{text}\r".encode()


def test_the_same_keys_type_other_letters_in_other_countries() -> None:
    events = pressed(21, 44, 16)  # where the US has Y, Z and Q

    assert [Keys(layout).feed(events) for layout in LAYOUTS] == [b"yzq", b"yzq", b"zyq", b"ywa"]


def test_the_keypad_types_digits_with_shift_and_without() -> None:
    assert Keys("fr").feed(pressed(79, 80) + event(KEY, 42, 1) + pressed(81)) == b"123"


def test_a_held_key_is_one_letter() -> None:
    assert Keys().feed(event(KEY, 2, 1) + event(KEY, 2, 2) + event(KEY, 2, 2) + event(KEY, 2, 0)) == b"1"


def test_what_the_kernel_lost_is_not_passed_over() -> None:
    assert Keys().feed(pressed(2) + event(SYNC, 3, 0) + pressed(3, 28)) == b"1" + LOST + b"2\r"


def test_a_shift_that_was_lost_does_not_stay_held() -> None:
    assert Keys().feed(event(KEY, 42, 1) + event(SYNC, 3, 0) + pressed(30)) == LOST + b"a"


@given(st.binary(max_size=400))
def test_any_bytes_are_taken(data: bytes) -> None:
    Keys().feed(data)


@pytest.mark.parametrize("held", [56, 100, 29])  # Alt, Alt Gr, Control
def test_a_letter_that_is_typed_by_its_number_is_an_error_and_no_number(held: int) -> None:
    """Scanners may be set to type A as Alt with 0, 0, 6, 5."""
    by_number = event(KEY, held, 1) + pressed(82, 82, 77, 76) + event(KEY, held, 0)

    assert Keys().feed(by_number + pressed(2, 28)) == 4 * LOST + b"1\r"
