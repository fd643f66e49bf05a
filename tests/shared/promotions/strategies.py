"""Promotions and lines small enough to try every way of using them."""

from hypothesis import strategies as st

from shared.promotions.families import Promotion
from shared.promotions.reward import Amount, Percent, Reward, UnitPrice
from shared.promotions.selector import Selector
from tests.builders import easy, line_special

SKUS, CATEGORIES, TAGS = "abc", "xy", "pq"

rewards: st.SearchStrategy[Reward] = st.one_of(
    st.integers(0, 10_000).map(lambda value: Percent(value=value)),
    st.sampled_from([1250, 3333, 5000]).map(lambda value: Percent(value=value)),
    st.integers(0, 300).map(lambda value: Amount(value=value)),
    st.integers(0, 300).map(lambda value: UnitPrice(value=value)),
)


def codes(alphabet: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(alphabet), max_size=2)


selectors = st.builds(
    Selector,
    skus=codes(SKUS),
    categories=codes(CATEGORIES),
    tags=codes(TAGS),
    not_skus=st.frozensets(st.sampled_from(SKUS), max_size=1),
    not_tags=st.frozensets(st.sampled_from(TAGS), max_size=1),
)


@st.composite
def promotions(draw: st.DrawFn, targets: st.SearchStrategy[Selector] = selectors, most: int = 4) -> list[Promotion]:
    """Draw up to `most` promotions with ids of their own, in any order."""
    made: list[Promotion] = []
    for name in draw(st.permutations("ABCD"[: draw(st.integers(0, most))])):
        target, reward = draw(targets), draw(rewards)
        n = draw(st.integers(1, 4))
        if draw(st.booleans()):
            made.append(easy(name, reward, target))
        else:
            made.append(line_special(name, n, draw(st.integers(1, n)), reward, target))
    return made
