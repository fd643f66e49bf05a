"""A text is one thing, or a visible error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.barcodes.check_digits import check_digit
from shared.barcodes.decode import TEXT_MAX, Barcode, Numbering, decode
from shared.barcodes.element_string import Element
from shared.barcodes.rules_file import of_country
from shared.model.variable_measure import VariableMeasureRule

GTIN = "09521234543213"


def with_check_digit(digits: str) -> str:
    return digits + check_digit(digits)


@pytest.mark.parametrize(
    ("text", "gtin14", "symbology"),
    [
        ("]E04006381333931", "04006381333931", "EAN-13/UPC"),
        ("]E496385074", "00000096385074", "EAN-8"),
        ("]E004252614", "00042100005264", "EAN-13/UPC"),  # UPC-E of a scanner that does not expand it
        ("]E3978020137962452495", "09780201379624", "EAN + add-on"),
        ("]E3977147396801206", "09771473968012", "EAN + add-on"),
        ("978020137962452495", "09780201379624", None),
        ("9780201379624 52495", "09780201379624", None),
        ("036000291452 12", "00036000291452", None),
        ("]I014006381333938", "14006381333938", "ITF"),
        ("]C10109521234543213", GTIN, "GS1-128"),
        ("0109521234543213", GTIN, None),
        ("(01)09521234543213", GTIN, None),
        ("https://id.gs1.org/01/09521234543213", GTIN, None),
        ("]Q1HTTPS://ID.EXAMPLE/01/09521234543213?x=1", GTIN, "QR"),
        ("]X0(01)09521234543213", None, None),  # nobody says that a plain symbol holds GS1 data
    ],
)
def test_a_gtin_is_found_in_every_form(text: str, gtin14: str | None, symbology: str | None) -> None:
    found = decode(text)

    assert (found.problem, found.gtin14, found.symbology) == (None, gtin14, symbology)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("]E0978020137962", "no EAN-13"),  # a digit was dropped
        ("]E0123456789012", "no EAN-13"),
        ("]E4964385074", "no EAN-8"),
        ("]E397802013796245249", "two or five digits"),
        ("]E3978020137962352495", "check digit"),
        ("]E252495", "add-on without its EAN"),
        ("354546070123456", "none of the forms"),  # a telephone's IMEI is no EAN with an add-on
        ("9521234543213 1", "none of the forms"),
        ("0109521234543214", "none of the forms"),
        ("]C10109521234543214", "check digit"),
        ("]d2", "no element string"),
        ("]C12109521234543213\x1d4", "there is no AI"),
        ("01095212345432131726133", "too short"),
        ("(01)09521234543213(17)261331", "a date YYMMDD"),
        ("(01)09521234543213(10)A B", "' '"),
        ("(01)09521234543213(98)", "too short"),
        ("https://example.com/", "no GS1 key"),
        ("]Q1https://example.com/01/09521234543214", "check digit"),
        ("HtTps://example.com/01/09521234543213", "none of the forms"),
        ("https://[fe80::1%25lo]/01/09521234543213", "no GS1 web address"),
        ("https://a_b~c/01/09521234543213", "no GS1 web address"),
        ("https://example.com/01/09521234543213?=261231", "there is no AI"),  # a name was lost
        ("M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 105>", "ends too early"),
        ("x" * (TEXT_MAX + 1), "longer than"),
    ],
)
def test_what_is_damaged_says_why(text: str, problem: str) -> None:
    found = decode(text)

    assert problem in (found.problem or "")
    assert found.gtin14 in {None, GTIN}


def test_eight_digits_are_a_upc_e_where_the_scanner_or_the_shop_says_so() -> None:
    american = of_country("US")

    assert decode("04252614").problem == "its check digit is wrong"
    assert decode("04252614", american).gtin14 == "00042100005264"
    assert decode("04252613", american).problem == "its check digit is wrong"
    assert decode("96385074", american).gtin14 == "00000096385074"
    assert decode("02345673", american).item == "02345673"  # right as both: the EAN-8 is what it looks like
    assert decode("]E404252614", american).problem == "its check digit is wrong"  # the scanner says that it is an EAN-8


@pytest.mark.parametrize(
    "text",
    [
        "\u0664\u0660\u0660\u0666\u0663\u0668\u0661\u0663\u0663\u0663\u0669\u0663\u0661",  # Arabic-Indic
        "\uff14\uff10\uff10\uff16\uff13\uff18\uff11\uff13\uff13\uff13\uff19\uff13\uff11",  # wide ones
        "400638133393\u00b9",
        "(\u0660\u0661)09521234543213",
        "^\u0660\u066109521234543213",
        "\u0660\u0661\x1d09521234543213",
        "M\u0661" + "A" * 60,
    ],
)
def test_digits_of_other_scripts_are_no_digits(text: str) -> None:
    found = decode(text, of_country("US"))

    assert (found.kind, found.gtin14, found.elements) == ("text", None, ())
    assert found.problem


@pytest.mark.parametrize(
    ("message", "is_whole"),
    [
        ("(10)ABC(17)261231", True),  # the GTIN may be in another symbol on the box
        ("(8003)00614141123452(10)ABC", True),
        ("(01)09521234543213(250)ABC", False),
        ("(01)09521234543213(21)A(250)ABC", True),
        ("(02)09521234543213(37)5", False),
        ("(00)106141412345678908(02)09521234543213(37)5", True),
        ("(21)A", False),
        ("(415)0614141123452", False),
        ("(415)0614141123452(8020)REF1", True),
        ("(8030)AbC", False),
        ("(8030)AbC(8017)123456789012345675", True),
        ("(8030)AbC(8003)00614141123452", False),
        ("(01)09521234543213(235)TPX(21)A", False),
        ("(4330)000100(4331)000100", False),
        ("(00)106141412345678908(4331)000100(4333)000050-", True),
        ("(01)09521234543213(01)09521234543213", True),
        ("(01)09521234543213(01)00614141007349", False),
    ],
)
def test_identifiers_need_and_exclude_each_other(message: str, is_whole: bool) -> None:
    assert (decode(message).problem is None) == is_whole


def test_a_bad_date_does_not_take_the_gtin_with_it() -> None:
    found = decode("]d20109521234543213" + "17269999" + "10ABC")

    assert found.problem == "AI 17: 269999 is not a date YYMMDD, or YYMM00"
    assert (found.gtin14, found.weight_g) == (GTIN, None)
    assert found.elements[2] == Element("10", "ABC")


def test_weight_count_and_price_are_whole_units() -> None:
    piece = decode("(01)99521234543216(3103)001250(3922)00299", Numbering(currency="EUR"))
    foreign = decode("(01)99521234543216(3102)000125(3932)82600299")
    fine = decode("(01)99521234543216(3105)033333(30)7")

    assert (piece.weight_g, piece.price_minor, piece.currency) == (1250, 299, "EUR")
    assert (foreign.weight_g, foreign.price_minor, foreign.currency) == (1250, 299, "GBP")
    assert (fine.weight_g, fine.count) == (None, 7)  # 333.33 g is no whole gram, and nobody rounds what is sold


def test_a_price_without_a_currency_is_no_price() -> None:
    found = decode("(01)99521234543216(3103)001250(3922)00299")

    assert (found.problem, found.price_minor, found.currency) == (None, None, None)


def test_a_composite_adds_to_its_number() -> None:
    found = decode("]E09521234543213|]e017261200" + "10ABC")

    assert found.gtin14 == GTIN
    assert found.elements == (("01", GTIN), ("17", "261200"), ("10", "ABC"))


def test_a_composite_separates_its_elements_as_the_scanner_does() -> None:
    found = decode("]E09521234543213|]e010ABC^21XYZ", fnc1="^")

    assert found.elements == (("01", GTIN), ("10", "ABC"), ("21", "XYZ"))


def test_a_composite_beside_a_scale_label_leaves_the_label_what_it_is() -> None:
    found = decode("]E02211114002394|]e01726120010ABC", of_country("DE"))

    assert (found.problem, found.kind, found.price_minor, found.currency) == (None, "variable_measure", 239, "EUR")
    assert found.elements == (("17", "261200"), ("10", "ABC"))


def test_a_store_says_what_its_labels_hold() -> None:
    rule = VariableMeasureRule(prefix="21", measure="weight", pattern="PPPPPPPVVVVV", decimals=3)
    yen = VariableMeasureRule(prefix="2", measure="price", pattern="PPPPPPCVVVV", decimals=0)

    weighed = decode(with_check_digit("211234501250"), Numbering(rules=(rule,)))
    priced = decode(with_check_digit("21234560028"), Numbering(rules=(yen,), currency="JPY"))
    other = decode(with_check_digit("221234501250"), Numbering(rules=(rule,)))

    assert (weighed.kind, weighed.weight_g) == ("variable_measure", 1250)
    assert weighed.item == with_check_digit("211234500000")
    assert (priced.problem, priced.price_minor, priced.currency) == (None, 28, "JPY")
    assert (other.kind, other.weight_g) == ("in_store", None)


def test_an_inner_check_digit_finds_what_the_outer_one_lets_pass() -> None:
    right, wrong = (with_check_digit(digits) for digits in ("221111400239", "221111400238"))

    assert decode(right, of_country("DE")).price_minor == 239
    assert decode(wrong, of_country("DE")).problem == "its inner check digit is wrong"


@given(st.text(max_size=80) | st.from_regex(r"\]?[A-Za-z]?[0-9(\x1d^]{0,60}", fullmatch=True))
def test_any_text_has_an_answer(text: str) -> None:
    found = decode(text, of_country("DE"), fnc1="^")

    assert isinstance(found, Barcode)
    assert found.problem is None or found.problem


@given(st.lists(st.sampled_from("0123456789^()\x1dMABC/:%?=&"), max_size=90).map("".join))
def test_scrambled_messages_have_an_answer(text: str) -> None:
    for start in ("]C1", "^01095212345432131", "(01)09521234543213", "https://a/01/09521234543213", "M1" + "A" * 58):
        decode(start + text)
