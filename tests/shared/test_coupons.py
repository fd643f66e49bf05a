"""Coupon codes prove themselves, forgive how people write, and say what is wrong."""

from typing import Any

import pytest

from shared import coupons
from shared.coupons import MistypedCoupon, UnknownCoupon, recognise, written
from shared.model.special import Campaign
from shared.promotions.gate import Context
from tests.builders import NOW


def campaign(**changes: Any) -> Campaign:
    """Return a batch of a thousand codes, each good once."""
    fields = {
        "id": "summer", "name": "Summer", "kind": "batch", "text": "SUN", "size": 1000, "max_uses_per_code": 1,
        "key": "k" * 40,
    }  # fmt: skip
    return Campaign(**{**fields, **changes})


def shared(text: str = "WELCOME10", **changes: Any) -> Campaign:
    return campaign(id="welcome", kind="shared", text=text, size=None, max_uses_per_code=None, **changes)


@pytest.mark.parametrize("serial", [1, 2, 31, 32, 33, 1000])
def test_a_written_code_is_recognised(serial: int) -> None:
    one = campaign()

    found = recognise(written(one, serial), [shared(), one])

    assert found.campaign == one
    assert found.digest is not None


def test_codes_of_a_batch_are_all_different_and_so_are_their_digests() -> None:
    one = campaign()
    codes = [written(one, serial) for serial in range(1, 1001)]

    assert len(set(codes)) == len({recognise(code, [one]).digest for code in codes}) == 1000


def test_how_a_code_is_written_does_not_matter() -> None:
    one = campaign(text="OIL 1")
    code = written(one, 32)
    expected = recognise(code, [one])

    for other in (code.lower(), code.replace("-", " "), code.replace("-", ""), f"  {code} ", code.replace("0", "o")):
        assert recognise(other, [one]) == expected


@pytest.mark.parametrize("text", ["WELCOME10", "welcome10", "WELCOME-10", "we1come 1o"])
def test_a_shared_code_is_recognised_however_it_is_typed(text: str) -> None:
    assert recognise(text, [campaign(), shared()]).campaign.id == "welcome"


def test_every_slip_of_one_character_is_noticed() -> None:
    one = campaign()
    code = written(one, 77).replace("-", "")

    for place in range(len("SUN"), len(code)):
        for character in coupons.ALPHABET:
            if character != code[place]:
                with pytest.raises(MistypedCoupon) as told:
                    recognise(code[:place] + character + code[place + 1 :], [one])
    assert "Summer" in told.value.title


@pytest.mark.parametrize("change", [lambda code: code[:-1], lambda code: code + "2", lambda code: code[:-1] + "U"])
def test_a_code_that_is_too_short_or_has_a_wrong_letter_is_mistyped(change: Any) -> None:
    one = campaign()

    with pytest.raises(MistypedCoupon):
        recognise(change(written(one, 1)), [one])


@pytest.mark.parametrize("text", ["", "SUN", "MOON-00000-000000", "5000128104517", "ΚΑΛΗΜΕΡΑ", "SUN" + "0" * 90])
def test_what_is_no_coupon_of_ours_is_unknown(text: str) -> None:
    with pytest.raises(UnknownCoupon):
        recognise(text, [campaign(), shared()])


def test_nobody_makes_codes_without_the_key() -> None:
    forged = written(campaign(key="x" * 40), 1)

    with pytest.raises(MistypedCoupon):
        recognise(forged, [campaign()])


def test_a_serial_beyond_the_batch_is_none() -> None:
    with pytest.raises(MistypedCoupon):
        recognise(written(campaign(size=2000), 1001), [campaign()])


def test_batches_whose_texts_begin_alike_are_told_apart() -> None:
    short, long = campaign(), campaign(id="sunday", text="SUN0", key="y" * 40)

    assert recognise(written(long, 5), [short, long]).campaign.id == "sunday"
    assert recognise(written(short, 5), [long, short]).campaign.id == "summer"


@pytest.mark.parametrize(
    ("limits", "uses_max"),
    [
        ({}, 1000),
        ({"max_uses_per_code": 2}, 2000),
        ({"max_uses_per_code": 2, "max_uses_total": 100}, 100),
        ({"max_uses_per_code": None, "max_uses_total": 7}, 7),
        ({"max_uses_per_code": None}, None),
    ],
)
def test_how_many_uses_there_can_be(limits: dict[str, Any], uses_max: int | None) -> None:
    assert campaign(**limits).uses_max == uses_max


@pytest.mark.parametrize(
    ("window", "shut"),
    [
        ({}, None),
        ({"opens": "2026-03-15"}, "not_yet"),
        ({"closes": "2026-03-13"}, "over"),
        ({"opens": "2026-03-14", "closes": "2026-03-14"}, None),
    ],
)
def test_a_campaign_has_its_time(window: dict[str, Any], shut: str | None) -> None:
    assert campaign(**window).shut(Context(now=NOW.replace(tzinfo=None))) == shut


@pytest.mark.parametrize(
    "wrong", [{"size": None}, {"kind": "shared"}, {"text": "A"}, {"text": "A" * 40}, {"id": "a/b"}]
)
def test_a_campaign_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        campaign(**wrong)
