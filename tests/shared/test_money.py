"""Amounts are exact, and dividing them loses nothing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import Money, divide_half_up, share

minors = st.integers(-(10**13), 10**13)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),  # the odd cent goes to the first
        (-100, [1, 1, 1], [-33, -33, -34]),  # a discount is divided the same way
        (100, [1, 2, 1], [25, 50, 25]),
        (1, [1, 3], [0, 1]),  # to the largest remainder
        (2, [1, 1, 1], [1, 1, 0]),
        (5, [0, 1, 0], [0, 5, 0]),
        (0, [3, 4], [0, 0]),
        (7, [1], [7]),
    ],
)
def test_left_over_cents_go_to_the_largest_remainders_earliest_first(
    minor: int, weights: list[int], parts: list[int]
) -> None:
    assert [part.minor for part in Money("EUR", minor).share(weights)] == parts


@given(minors, weights)
def test_a_share_loses_nothing(minor: int, weights: list[int]) -> None:
    assert sum(share(minor, weights)) == minor


@given(minors, weights)
def test_no_part_is_a_whole_unit_away_from_its_due(minor: int, weights: list[int]) -> None:
    total = sum(weights)

    parts = zip(share(minor, weights), weights, strict=True)
    assert all(abs(part * total - minor * weight) < total for part, weight in parts)


@given(st.integers(0, 10**13), weights)
def test_a_greater_weight_never_gets_less(minor: int, weights: list[int]) -> None:
    by_weight = sorted(zip(weights, share(minor, weights), strict=True))

    assert all(small <= large for (light, small), (heavy, large) in pairwise(by_weight) if light < heavy)


@given(minors, weights)
def test_what_weighs_nothing_gets_nothing(minor: int, weights: list[int]) -> None:
    assert share(minor, [*weights, 0]) == [*share(minor, weights), 0]


@pytest.mark.parametrize("weights", [[0], [0, 0], [1, -1], [2, -1]])
def test_weights_that_mean_nothing_are_our_own_mistake(weights: list[int]) -> None:
    with pytest.raises(AssertionError):
        Money("EUR", 100).share(weights)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 10, 1), (4, 10, 0), (15, 10, 2), (25, 10, 3), (-5, 10, -1), (-4, 10, 0), (-15, 10, -2), (1, 3, 0), (2, 3, 1)],
)
def test_halves_round_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert divide_half_up(numerator, denominator) == rounded


@given(st.integers(), st.integers(1, 10**9))
def test_rounding_is_symmetric_and_to_the_nearest(numerator: int, denominator: int) -> None:
    rounded = divide_half_up(numerator, denominator)

    assert 2 * abs(rounded * denominator - numerator) <= denominator
    assert divide_half_up(-numerator, denominator) == -rounded


@given(minors, minors)
def test_adding_and_taking_away_are_exact(one: int, other: int) -> None:
    assert Money("EUR", one) + Money("EUR", other) - Money("EUR", one) == Money("EUR", other)
    assert -Money("EUR", one) == Money("EUR", 0) - Money("EUR", one)


def test_currencies_never_mix() -> None:
    with pytest.raises(AssertionError):
        Money("EUR", 1) + Money("GBP", 1)
    with pytest.raises(AssertionError):
        Money("EUR", 1) - Money("GBP", 1)
