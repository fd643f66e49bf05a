"""Selectors, products and promotions over so few names that they meet."""

from typing import Any

from hypothesis import strategies as st

from shared.model.basket import BasketLine
from shared.promotions.families import Promotion
from shared.promotions.selector import Selector
from tests.shared.promotions.examples import FREE, line, offer, percent, set_amount

SKUS, CATEGORIES, BRANDS, TAGS, COUPONS = "abc", "xy", "MN", "pq", ("C1", "C2")
PRICES = (100, 199, 200)


def codes(alphabet: str) -> st.SearchStrategy[frozenset[str] | None]:
    """Return a list that is not given, or given and perhaps empty."""
    return st.none() | st.frozensets(st.sampled_from(alphabet), max_size=2)


def left_out(alphabet: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(alphabet), max_size=1)


selectors = st.builds(
    Selector,
    skus=codes(SKUS),
    categories=codes(CATEGORIES),
    brands=codes(BRANDS),
    tags=codes(TAGS),
    not_skus=left_out(SKUS),
    not_categories=left_out(CATEGORIES),
    not_brands=left_out(BRANDS),
    not_tags=left_out(TAGS),
    min_unit_price=st.none() | st.sampled_from(PRICES),
    max_unit_price=st.none() | st.sampled_from(PRICES),
    not_discounted=st.booleans(),
)

products: st.SearchStrategy[BasketLine] = st.builds(
    lambda sku, price, category, brand, tags: line(sku, price, category=category, brand=brand, tags=tuple(tags)),
    st.sampled_from([*SKUS, "other"]),
    st.sampled_from(PRICES),
    st.none() | st.sampled_from([*CATEGORIES, "other"]),
    st.none() | st.sampled_from([*BRANDS, "Other"]),
    st.lists(st.sampled_from([*TAGS, "other"]), unique=True),
)


@st.composite
def promotions(draw: st.DrawFn, most: int = 4) -> list[Promotion]:
    """Draw up to `most` promotions of some families with ids of their own, in any order."""
    return [draw(promotion(name)) for name in draw(st.permutations("ABCD"[: draw(st.integers(0, most))]))]


@st.composite
def promotion(draw: st.DrawFn, name: str) -> Promotion:
    first, second, third = (draw(selectors).model_dump(mode="json") for _ in range(3))
    fields: dict[str, dict[str, Any]] = {
        "easy": {"target": first, "reward": percent(1_000)},
        "line_special": {"target": first, "n": 2, "reward": FREE},
        "combo": {"slots": [{"select": first}, {"select": second, "qty": 2}], "reward": set_amount(9)},
        "requisite_target": {
            "requisites": [{"select": first}],
            "targets": [{"select": second}, {"select": third}],
            "reward": FREE,
        },
        "basket_threshold": {"qualify": first, "target": second, "tiers": [{"min_qty": 2, "reward": percent(500)}]},
    }
    family = draw(st.sampled_from(sorted(fields)))
    coupon = draw(st.none() | st.sampled_from(COUPONS))
    return offer(name, family, gate={"coupon": coupon}, priority=draw(st.integers(-1, 1)), **fields[family])
