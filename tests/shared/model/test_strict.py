"""Models take what they say and nothing else."""

import json
from time import perf_counter
from typing import Any
from zoneinfo import available_timezones

import pytest
from pydantic import BaseModel, ValidationError

from shared.model.product import Product
from shared.model.store import Store
from shared.model.tender import CardTender
from tests import builders


def read(model: type[BaseModel], whole: BaseModel, **changes: Any) -> BaseModel:
    """Read a model from JSON, as everything from outside is read."""
    return model.model_validate_json(json.dumps({**whole.model_dump(mode="json"), **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"sku": ""},
        {"sku": "a\tb"},
        {"sku": " a"},
        {"sku": "a  b"},
        {"sku": "a\n"},
        {"sku": "a\x00b"},
        {"sku": "x" * 65},
        {"sku": 5},
        {"name": "x" * 201},
        {"name": ""},
        {"discountable": "yes"},
        {"discountable": 1},
    ],
)
def test_a_product_with_a_wrong_field_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(Product, builders.product(), **changes)


@pytest.mark.parametrize("sku", ["a", "A 1", "85123A", "gift_0001_20", "ΓΑΛΑ", "x" * 64])
def test_a_sku_may_be_any_short_word_or_words(sku: str) -> None:
    assert read(Product, builders.product(), sku=sku) == builders.product(sku=sku, name="Milk")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "milk"},
        {"id": builders.STORE_ID.upper()},
        {"id": builders.STORE_ID + "\n"},
        {"country": "gb"},
        {"currency": "£"},
        {"timezone": "Europe/Nowhere"},
        {"timezone": "../../etc/passwd"},
        {"language": "fr"},
        {"tax_rates_bp": {"standard": 10_001}},
        {"tax_rates_bp": {"standard": -1}},
        {"tax_rates_bp": {"standard": 20.5}},
        {"address": ["a", "b", "c", "d", "e"]},
        {"day_cutoff": "25:00"},
    ],
)
def test_a_store_with_a_wrong_field_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(Store, builders.store(), **changes)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1.0", "-1", "1e2", "10000000000001", '"1"', "true", "null"])
def test_an_amount_is_a_whole_number_that_browsers_can_hold(amount: str) -> None:
    text = f'{{"kind": "card", "amount_minor": {amount}, "payment_id": "p", "reference": "r"}}'

    with pytest.raises(ValidationError):
        CardTender.model_validate_json(text)


def test_a_model_never_changes() -> None:
    with pytest.raises(ValidationError):
        builders.product().name = "Cream"  # type: ignore[misc]


def test_what_was_written_is_read_again_the_same() -> None:
    order = builders.order(builders.sold(quantity=3), builders.sold("Bread", discount_minor=20), rounding_minor=-1)

    for whole in (order, builders.refund(order, {1: 2}), builders.store(), builders.product()):
        assert type(whole).model_validate_json(whole.model_dump_json()) == whole


def test_reading_stores_does_not_walk_through_all_time_zones_each_time() -> None:
    builders.store()
    began_s = perf_counter()
    for _ in range(5):
        available_timezones()
    listed_s, began_s = perf_counter() - began_s, perf_counter()
    for _ in range(50):
        read(Store, builders.store())

    assert perf_counter() - began_s < listed_s
