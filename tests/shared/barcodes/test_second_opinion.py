"""biip, which is not ours, reads good messages, UPC-E and scale labels as we do."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.barcodes import ai_values
from shared.barcodes.characters import CSET_82
from shared.barcodes.check_digits import check_digit
from shared.barcodes.decode import decode
from shared.barcodes.rules_file import of_country
from shared.clock import SystemClock

biip = pytest.importorskip("biip")

gtins = st.text("0123456789", min_size=13, max_size=13).map(lambda body: body + check_digit(body))
days = st.dates(date(2000, 1, 1), date(2075, 12, 31)).map(lambda day: day.strftime("%y%m%d"))
codes = st.text(CSET_82, min_size=1, max_size=20)


@given(gtins, codes, days, st.integers(0, 999_999), codes)
def test_a_message_has_the_same_elements_and_values(gtin: str, batch: str, day: str, grams: int, serial: str) -> None:
    text = f"]d201{gtin}10{batch}\x1d17{day}3103{grams:06}21{serial}"

    ours = decode(text)
    theirs = biip.parse(text).gs1_message.element_strings

    assert ours.problem is None
    assert list(ours.elements) == [(element.ai.ai, element.value) for element in theirs]
    values = ai_values.typed(ours.elements, SystemClock().now().year)
    assert values["17"] == theirs[2].date
    assert values["3103"] == theirs[3].decimal == Decimal(grams) / 1000


@given(st.sampled_from("01"), st.text("0123456789", min_size=6, max_size=6))
def test_a_upc_e_is_expanded_alike(system: str, six: str) -> None:
    from biip.upc import Upc

    ours = decode(system + six).gtin14

    assert ours == Upc.parse(system + six).as_gtin_14()


@given(
    st.sampled_from(["DE", "DK", "EE", "FI", "GB", "LT", "LV", "NO", "SE"]),
    st.text("0123456789", min_size=11, max_size=11),
)
def test_scale_labels_hold_the_same(country: str, body: str) -> None:
    from biip import ParseConfig

    config = ParseConfig(rcn_region=country.lower(), rcn_verify_variable_measure=True)
    text = f"2{body}" + check_digit(f"2{body}")
    theirs = biip.parse(text, config=config).gtin
    ours = decode(text, of_country(country))

    if theirs is None:
        assert ours.problem
    elif ours.kind == "variable_measure":
        assert (ours.weight_g, ours.count) == (theirs.weight and int(theirs.weight * 1000), theirs.count)
        assert ours.price_minor == (None if theirs.price is None else int(theirs.price * 100))
    else:
        assert (theirs.weight, theirs.price, theirs.count) == (None, None, None)
