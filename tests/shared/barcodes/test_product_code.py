"""What was scanned becomes one key, or an error that says why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.barcodes import TEXT_MAX, DamagedBarcode, ProductCode, check_digit, read
from shared.model.variable_measure import VariableMeasureRule
from shared.retailers.retailer import Retailer
from tests.shared import vectors

SHOP = Retailer(id="a_shop")
digits = st.text("0123456789", min_size=7, max_size=13)


def gtin(text: str) -> str:
    code = read(text, SHOP)
    assert code.kind == "gtin"
    return str(code)


def outcome(text: str) -> ProductCode | DamagedBarcode:
    try:
        return read(text, SHOP)
    except DamagedBarcode as error:
        return error


@pytest.mark.parametrize(
    ("texts", "key"),
    [
        (["96385074", "0000096385074", "00000096385074"], "00000096385074"),  # GTIN-8
        (["036000291452", "0036000291452", "00036000291452"], "00036000291452"),  # UPC-A
        (["4006381333931", "04006381333931"], "04006381333931"),  # EAN-13
        (["14006381333938"], "14006381333938"),  # a case of them is another product
        ([" 4006381333931", "4006381333931\r\n"], "04006381333931"),
    ],
)
def test_all_lengths_of_a_number_are_one_key(texts: list[str], key: str) -> None:
    assert {gtin(text) for text in texts} == {key}


@pytest.mark.parametrize(
    ("body", "digit"),
    [("400638133393", "1"), ("03600029145", "2"), ("9638507", "4"), ("1400638133393", "8"), ("0", "0"), ("", "0")],
)
def test_the_check_digit_is_gs1s(body: str, digit: str) -> None:
    assert check_digit(body) == digit


@given(digits.filter(lambda body: len(body) in {7, 11, 12, 13}), st.data())
def test_one_misread_digit_is_always_noticed(body: str, data: st.DataObject) -> None:
    right = body + check_digit(body)
    place = data.draw(st.integers(0, len(right) - 1))
    misread = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != right[place]))

    with pytest.raises(DamagedBarcode) as caught:
        read(right[:place] + misread + right[place + 1 :], SHOP)

    assert caught.value.facts["problem"] == "its check digit is wrong"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2000000000015", "store:2000000000015"),
        ("2912345000004", "store:2912345000004"),
        ("0212345000007", "store:0212345000007"),
        ("212345000007", "store:0212345000007"),  # the same number as UPC-A
        ("20000011", "store:20000011"),  # RCN-8
    ],
)
def test_a_number_of_the_shops_own_is_kept_apart(text: str, key: str) -> None:
    assert read(text, SHOP) == ProductCode("in_store", key)


def test_a_retailer_says_which_numbers_are_its_own() -> None:
    one_prefix = Retailer(id="a_shop", in_store_prefixes=frozenset({"20"}))

    assert read("2000000000015", one_prefix).kind == "in_store"
    assert read("2112345000008", one_prefix).kind == "gtin"


@pytest.mark.parametrize(
    "text",
    [
        "AB-12345",
        "1234567",  # digits, but of no GTIN's length
        "123456789012345678901234567890123456789012345678",
        "12345678901２",  # one full-width digit makes it no number
        "４００６３８１３３３９３１",
        "٤٠٠٦٣٨١٣٣٣٩٣١",
        "⁴⁰⁰⁶³⁸¹³³³⁹³¹",  # str.isdigit says yes, int says no
        "+400638133393",
        "4_006_381_3339",
        "4006381333931.0",
        "store:20000011",
        "x" * TEXT_MAX,
    ],
)
def test_what_is_no_number_is_a_code_as_it_stands(text: str) -> None:
    assert read(text, SHOP) == ProductCode("code", f"store:{text}")


@given(st.text(max_size=20).filter(lambda text: not (text.isascii() and text.strip().isdigit())))
def test_nothing_but_ascii_digits_is_ever_taken_for_a_gtin(text: str) -> None:
    found = outcome(text)

    if isinstance(found, DamagedBarcode):
        assert found.facts["problem"] != "its check digit is wrong"
    else:
        assert found == ProductCode("code", f"store:{text.strip()}")


@given(st.text(max_size=TEXT_MAX + 10))
def test_any_text_is_a_code_or_damaged(text: str) -> None:
    found = outcome(text)

    if isinstance(found, DamagedBarcode):
        assert len(str(found.facts["text"])) <= TEXT_MAX
    else:
        assert 0 < len(found.key) <= TEXT_MAX + len("store:")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is empty"),
        ("  \r\n", "it is empty"),
        ("4006381333932", "its check digit is wrong"),
        ("96385075", "its check digit is wrong"),
        ("4006\x0081333931", "it contains unreadable characters"),
        ("4006\u200b381333931", "it contains unreadable characters"),
        ("AB\x1dCD", "it contains unreadable characters"),
        ("A\u202eB", "it contains unreadable characters"),
        ("1" * (TEXT_MAX + 1), f"it is longer than {TEXT_MAX} characters"),
    ],
)
def test_a_damaged_code_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(DamagedBarcode) as caught:
        read(text, SHOP)

    assert caught.value.facts["problem"] == problem
    assert problem in caught.value.title


def test_upc_a_becomes_the_published_gtin() -> None:
    known = [case for case in vectors.cases("upc_expansion") if case.get("gtin14")]

    for case in known:
        assert {gtin(case["upc_a"]), gtin(case["gtin13"]), gtin(case["gtin14"])} == {case["gtin14"]}
    assert known


SCALES = Retailer(
    id="a_shop",
    variable_measure=(VariableMeasureRule(prefix="28", measure="weight", pattern="PPPPPPCVVVVV", decimals=3),),
)


@pytest.mark.parametrize("text", ["2811111068708", "02811111068708"])
def test_a_scales_label_names_the_item_without_its_weight(text: str) -> None:
    code = read(text, SCALES)

    assert (code.key, code.is_measured) == ("store:281111000000" + check_digit("281111000000"), True)
    assert code.barcode
    assert code.barcode.weight_g == 6870
    assert read(text, SHOP).key == "store:2811111068708"  # a shop that said nothing of scales


@pytest.mark.parametrize("retailer", [SHOP, SCALES])
def test_a_weight_above_a_number_of_the_shop_is_not_lost(retailer: Retailer) -> None:
    code = read("2811111068708|]e03103006870", retailer, symbology="EAN-13/UPC")

    assert (code.kind, code.is_measured) == ("in_store", True)
    assert code.barcode
    assert code.barcode.weight_g == 6870


def test_what_a_message_says_of_one_piece_travels_with_its_number() -> None:
    code = read("01095212345432131726120010LOT\x1d21A7", SHOP)

    assert (code.kind, code.key, code.is_measured) == ("gtin", "09521234543213", False)
    assert code.barcode
    assert dict(code.barcode.elements) == {"01": "09521234543213", "17": "261200", "10": "LOT", "21": "A7"}


def test_a_message_with_something_wrong_is_its_number_and_nothing_more() -> None:
    assert read("0109521234543213" + "17269999", SHOP) == ProductCode("gtin", "09521234543213")


def test_a_seven_digit_number_stays_the_shops_own() -> None:
    assert read("1425261", SHOP) == ProductCode("code", "store:1425261")
