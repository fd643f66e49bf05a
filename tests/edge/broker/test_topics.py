"""The one question that all topic rules come down to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.broker.topics import FILTER_CHARACTERS_MAX, Caller, covers

LEVELS = st.lists(st.sampled_from(["a", "b", "", "+"]), min_size=1, max_size=4)
FILTERS = st.builds(lambda levels, end: "/".join([*levels, *end]), LEVELS, st.sampled_from([[], ["#"]]))
TOPICS = st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=5).map("/".join)


@pytest.mark.parametrize(
    ("rule", "wanted", "is_covered"),
    [
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("a/#", "a/#", True),
        ("a/#", "a/+/c", True),
        ("a/#", "ab", False),
        ("a/#", "#", False),
        ("a/#", "+/b", False),
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/+/c", True),
        ("a/+/c", "a/#", False),
        ("a/+", "a/b/c", False),
        ("a/+", "a", False),
        ("a/b", "a/+", False),
        ("a/b", "a/b/#", False),
        ("store/#", "$SYS/#", False),
        ("store/#", "$share/store/#", False),
    ],
)
def test_a_rule_covers_what_it_matches_and_no_more(rule: str, wanted: str, is_covered: bool) -> None:
    assert covers(rule, wanted) is is_covered


@given(FILTERS, FILTERS, TOPICS)
def test_whatever_a_covered_filter_matches_its_rule_matches_too(rule: str, wanted: str, topic: str) -> None:
    if covers(rule, wanted) and covers(wanted, topic):
        assert covers(rule, topic)


@given(FILTERS)
def test_a_rule_covers_itself(rule: str) -> None:
    assert covers(rule, rule)


@pytest.mark.parametrize(
    "topic", ["devices/reader/+", "devices/reader/#", "devices/reader/" + "x" * FILTER_CHARACTERS_MAX]
)
def test_nobody_speaks_on_wildcards_or_without_end(topic: str) -> None:
    assert not Caller("reader", "device").may_say(topic)
