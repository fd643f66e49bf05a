"""The table of what works offline is made from the code, and says everything in every language."""

from pathlib import Path

import pytest

from edge.app import CAPABILITIES, FEATURES
from edge.capability import markdown
from shared import messages
from tests.edge.small_shop import Till

DOCUMENT = Path(__file__).parents[2] / "docs" / "offline.md"


def test_every_feature_says_what_it_can_do() -> None:
    declared = {one.key for feature in FEATURES for one in feature.CAPABILITIES}

    assert all(feature.CAPABILITIES for feature in FEATURES)
    assert declared <= {one.key for one in CAPABILITIES}
    assert len({one.key for one in CAPABILITIES}) == len(CAPABILITIES)


def test_the_document_is_the_one_that_the_code_makes() -> None:
    assert DOCUMENT.read_text() == markdown(CAPABILITIES), "make it anew: shopwright-edge offline > docs/offline.md"


@pytest.mark.parametrize("language", ["en", "el", "he"])
def test_all_of_it_has_words(language: "messages.Language") -> None:
    for one in CAPABILITIES:
        for key in (f"can.{one.key}", f"can.{one.key}_why", f"offline.{one.offline}"):
            assert messages.text(language, key) != key


async def test_what_is_declared_to_work_works_without_head_office(till: Till) -> None:
    _, answer = await till.call("GET", "/api/capabilities")
    works = {one["key"] for one in answer["capabilities"] if one["offline"] == "works"}

    assert not till.shop.line.online
    assert {"fill_basket", "pay_cash", "refund", "close_day"} <= works
