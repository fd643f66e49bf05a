"""Texts are found by language and key."""

import pytest

from shared.messages import catalogue, text


@pytest.mark.parametrize("language", ["en", "el", "he"])
def test_a_text_has_its_facts_filled_in(language: str) -> None:
    assert "A-1" in text(language, "receipt.number", number="A-1")  # type: ignore[arg-type]


def test_each_language_says_it_in_its_own_words() -> None:
    assert len({catalogue(language)["receipt.total"] for language in ("en", "el", "he")}) == 3


def test_a_missing_key_shows_as_itself() -> None:
    assert text("en", "receipt.nothing_of_the_kind") == "receipt.nothing_of_the_kind"


def test_a_fact_with_braces_stays_as_it_is() -> None:
    assert text("en", "receipt.number", number="{price}") == "Receipt {price}"
