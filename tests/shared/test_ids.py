"""Ids are unique and sort by time; codes can be read aloud; keys cannot be guessed."""

import re
import time
from itertools import pairwise
from uuid import UUID

from pydantic import TypeAdapter

from shared import ids
from shared.model.strict import Id


def test_an_id_is_a_uuid_of_version_7_as_our_models_take_it() -> None:
    for _ in range(200):
        made = ids.new_id()

        assert UUID(made).version == 7
        assert UUID(made).variant == "specified in RFC 4122"
        assert TypeAdapter(Id).validate_python(made) == made


def test_an_id_begins_with_the_time_at_which_it_was_made_to_a_quarter_of_a_microsecond() -> None:
    for _ in range(200):
        before_ns = time.time_ns()
        made = UUID(ids.new_id()).int
        after_ns = time.time_ns()

        made_ns = (made >> 80) * 1_000_000 + (made >> 64 & 0xFFF) * 1_000_000 // 4096
        assert before_ns - 250 <= made_ns <= after_ns


def test_later_ids_sort_behind_earlier_ones() -> None:
    made = []
    for _ in range(20):
        made.append(ids.new_id())
        time.sleep(0.002)

    assert all(earlier < later for earlier, later in pairwise(made))


def test_no_two_ids_are_the_same_within_a_millisecond() -> None:
    assert len({ids.new_id() for _ in range(10_000)}) == 10_000


def test_an_enrolment_code_has_nothing_to_mistake_or_to_be_ashamed_of() -> None:
    codes = {ids.new_enrolment_code() for _ in range(500)}

    assert len(codes) == 500
    assert all(re.fullmatch(r"[2-9B-DF-HJ-NP-TV-Z]{4}(-[2-9B-DF-HJ-NP-TV-Z]{4}){2}", code) for code in codes)
    assert not set("".join(codes)) & set("01AEILOUY")


def test_a_key_says_what_it_opens_and_holds_256_bits() -> None:
    keys = {ids.new_key("sw_tenant") for _ in range(100)}

    assert len(keys) == 100
    assert all(re.fullmatch(r"sw_tenant_[\w-]{43}", key) for key in keys)


def test_jitter_spreads_between_a_half_and_one() -> None:
    factors = [ids.jitter() for _ in range(2_000)]

    assert 0.5 <= min(factors) < 0.55
    assert 0.95 < max(factors) <= 1.0


def test_a_seed_repeats_its_choices() -> None:
    first, second, other = ids.seeded(7), ids.seeded(7), ids.seeded(8)

    drawn = [first.random() for _ in range(5)]

    assert [second.random() for _ in range(5)] == drawn
    assert [other.random() for _ in range(5)] != drawn
