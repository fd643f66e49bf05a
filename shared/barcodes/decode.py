"""What a scanned or typed text is. Each form has one reader; nothing is tried until something fits."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from shared.barcodes import (
    ai_combinations,
    ai_content,
    ai_table,
    boarding_pass,
    digital_link,
    element_string,
    gtin,
    symbology,
    variable_measure,
)
from shared.barcodes.boarding_pass import BoardingPass
from shared.barcodes.characters import BLANKS, DIGITS, GS
from shared.barcodes.check_digits import has_check_digit
from shared.barcodes.damage import DamagedBarcode
from shared.barcodes.element_string import FNC1_SHOWN, Element
from shared.barcodes.iso_codes import CURRENCY_LETTERS
from shared.currencies import exponent
from shared.model.variable_measure import IN_STORE_PREFIXES, VariableMeasureRule

TEXT_MAX = 8 * 1024  # the largest QR code holds 4,296 characters
COMPOSITE = "|]e0"  # between the number of an EAN and the composite component above it

# A text without identifier and separators is taken for element strings only when it begins with a whole key whose
# check digit is right: digits of other meaning begin so by chance in one of thousands.
KEYED = re.compile(r"(?:00(?P<sscc>[0-9]{18})|0[1-3](?P<gtin>[0-9]{14}))")
WRITTEN_AI = re.compile(rf"[{GS}{BLANKS}]*\([0-9]")
WRITTEN_FNC1 = re.compile(rf"\{FNC1_SHOWN}[0-9]")

Kind = Literal["gtin", "in_store", "variable_measure", "element_string", "digital_link", "boarding_pass", "text"]


@dataclass(frozen=True, slots=True)
class Numbering:
    """What the numbers that a shop gives out itself look like."""

    in_store_prefixes: frozenset[str] = IN_STORE_PREFIXES
    rules: tuple[VariableMeasureRule, ...] = ()
    currency: str | None = None  # of prices in the shop's labels, and of those that GS1 states without a currency
    has_upc_e: bool = False  # whether eight digits may be a UPC-E though no scanner says so


@dataclass(frozen=True, slots=True)
class Barcode:
    """What a text says. Fields that it says nothing about are None."""

    kind: Kind
    problem: str | None = None  # why it cannot be used as it stands; then other fields are what could still be read
    symbology: str | None = None
    gtin14: str | None = None
    item: str | None = None  # eight or thirteen digits that the shop gave out, without weight or price
    elements: tuple[Element, ...] = ()
    weight_g: int | None = None
    count: int | None = None
    price_minor: int | None = None
    currency: str | None = None  # of the price, ISO 4217
    boarding_pass: BoardingPass | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A text in front of its reader."""

    text: str
    symbology: str | None  # as the scanner calls it
    is_identified: bool  # whether the scanner said what symbol it was
    fnc1: str | None
    numbering: Numbering

    @property
    def bare(self) -> str:
        return self.text.strip(BLANKS)

    @property
    def separated(self) -> str:
        return self.with_gs(self.text.strip("\r\n"))

    def with_gs(self, elements: str) -> str:
        """Return element strings with GS where the caller says that FNC1 is written otherwise."""
        return elements.replace(self.fnc1, GS) if self.fnc1 else elements


def decode(
    text: str, numbering: Numbering = Numbering(), *, scanned_as: str | None = None, fnc1: str | None = None
) -> Barcode:
    """Say what a text is; a text that means nothing, or something wrong, comes back with a `problem`.

    text: with or without AIM identifier, GS between element strings. scanned_as: the symbology, when the identifier
    was taken off. fnc1: what stands for GS in element strings.
    """
    identifier = symbology.AIM.match(text)
    if identifier:
        scanned_as = symbology.SYMBOLOGIES.get(identifier[1])
        text = text[identifier.end() :]
    given = Input(text, scanned_as, bool(identifier or scanned_as), fnc1, numbering)
    if len(text) > TEXT_MAX:
        return Barcode("text", f"it is longer than {TEXT_MAX} characters", scanned_as)
    form = _form(given)
    try:
        found = READERS[form](given)
    except DamagedBarcode as damage:
        kind: Kind = "gtin" if form == "number" else "element_string" if form == "bracketed" else form
        found = Barcode(kind, str(damage.facts["problem"]))
    return replace(found, symbology=scanned_as)


Form = Literal["number", "bracketed", "element_string", "digital_link", "boarding_pass", "text"]


def _form(given: Input) -> Form:
    bare = given.bare
    if given.symbology in {symbology.EAN_13, symbology.EAN_8, symbology.EAN_WITH_ADD_ON, symbology.ADD_ON}:
        return "number"
    if given.symbology in symbology.GS1_SYMBOLOGIES:
        return "element_string"
    if digital_link.WEB.match(bare):
        return "digital_link"
    if boarding_pass.LOOKS_LIKE.fullmatch(given.text.strip("\r\n")):
        return "boarding_pass"
    if gtin.is_digits(bare) and len(bare) in gtin.LENGTHS:
        return "number"
    if given.is_identified:
        return "text"
    if gtin.ADD_ON.fullmatch(bare) or gtin.UPC_E.fullmatch(bare):
        return "number"
    return _form_of_elements(given)


def _form_of_elements(given: Input) -> Form:
    separated = given.separated
    if WRITTEN_AI.match(separated):
        return "bracketed"
    if GS in separated and separated.lstrip(GS).startswith(tuple(DIGITS)):
        return "element_string"
    if separated.startswith(GS) or WRITTEN_FNC1.match(separated):
        return "element_string"
    keyed = KEYED.match(separated)
    if keyed and has_check_digit(keyed["sscc"] or keyed["gtin"]):
        return "element_string"
    return "text"


def _number(given: Input) -> Barcode:
    """Read the digits of EAN and UPC, where the scanner may have said which."""
    digits, composite, component = given.bare.partition(COMPOSITE)
    number = _plain_number(given, digits)
    if not composite:
        return number
    elements = element_string.split(given.with_gs(component))
    own = [Element("01", number.gtin14)] if number.gtin14 else []
    message = _message(own + elements, given.numbering)
    if number.kind == "variable_measure":  # what the piece weighs or costs is in the number
        return replace(number, problem=message.problem, elements=message.elements)
    return replace(message, item=number.item)


def _plain_number(given: Input, digits: str) -> Barcode:
    length = len(digits)
    if given.symbology == symbology.ADD_ON:
        raise DamagedBarcode(problem="it is an add-on without its EAN")
    if given.symbology == symbology.EAN_WITH_ADD_ON:
        if not (gtin.is_digits(digits) and length in {15, 18}):
            raise DamagedBarcode(problem="it is no EAN-13 with two or five digits behind it")
        return _own_or_worldwide(gtin.checked(digits[:13]), given.numbering)
    if given.symbology == symbology.EAN_13 and not (length == 13 or (gtin.UPC_E.fullmatch(digits) and length == 8)):
        raise DamagedBarcode(problem="it is no EAN-13, which has thirteen digits, and no UPC-E")
    if given.symbology == symbology.EAN_8 and length != 8:
        raise DamagedBarcode(problem="it is no EAN-8, which has eight digits")
    if add_on := gtin.ADD_ON.fullmatch(digits):
        return _own_or_worldwide(gtin.checked(add_on[1]), given.numbering)
    if not gtin.is_digits(digits):
        raise DamagedBarcode(problem="it holds something else than digits")
    is_said_to_be_upc_e = given.symbology == symbology.EAN_13 and length == 8
    may_be_upc_e = given.numbering.has_upc_e and given.symbology != symbology.EAN_8
    if length == 7 or is_said_to_be_upc_e or (may_be_upc_e and gtin.is_upc_e(digits)):
        return _own_or_worldwide(gtin.expanded_upc_e(digits), given.numbering)
    return _own_or_worldwide(gtin.checked(digits), given.numbering)


def _own_or_worldwide(digits: str, numbering: Numbering) -> Barcode:
    if len(digits) == 8 and digits[0] in "02":  # RCN-8, for use in one company (GS1 General Specifications, 2.1.11)
        return Barcode("in_store", item=digits)
    gtin14 = digits.zfill(14)
    if len(digits) == 8 or gtin14[0] != "0":
        return Barcode("gtin", gtin14=gtin14)
    measured = variable_measure.read(gtin14[1:], numbering.rules, numbering.currency)
    # In-store numbers stand as EAN-13 20…29 (or 02, and UPC-A 2…), which is 0 and then the prefix in 14 digits.
    if measured is None and gtin14[1:3] in numbering.in_store_prefixes:
        return Barcode("in_store", item=gtin14[1:])
    if measured is None:
        return Barcode("gtin", gtin14=gtin14)
    return Barcode(
        "variable_measure",
        item=measured.item,
        weight_g=measured.weight_g,
        count=measured.count,
        price_minor=measured.price_minor,
        currency=None if measured.price_minor is None else numbering.currency,
    )


def _element_string(given: Input) -> Barcode:
    text = given.separated
    if not given.is_identified and WRITTEN_FNC1.match(text):
        text = text.replace(FNC1_SHOWN, GS)
    return _message(element_string.split(text), given.numbering)


def _bracketed(given: Input) -> Barcode:
    return _message(element_string.split_bracketed(given.separated.strip(BLANKS)), given.numbering)


def _digital_link(given: Input) -> Barcode:
    return replace(_message(digital_link.split(given.bare), given.numbering), kind="digital_link")


def _boarding_pass(given: Input) -> Barcode:
    return Barcode("boarding_pass", boarding_pass=boarding_pass.read(given.text.strip("\r\n")))


def _text(given: Input) -> Barcode:
    if given.is_identified:
        return Barcode("text")
    problem = "it has none of the forms that barcodes of products have" if given.bare else "it is empty"
    return Barcode("text", problem)


READERS: Mapping[Form, Callable[[Input], Barcode]] = {
    "number": _number,
    "bracketed": _bracketed,
    "element_string": _element_string,
    "digital_link": _digital_link,
    "boarding_pass": _boarding_pass,
    "text": _text,
}


def _message(elements: Sequence[Element], numbering: Numbering) -> Barcode:
    """Check elements, one by one and together. What is wrong with a date leaves the GTIN beside it right."""
    try:
        element_string.check(elements)
        ai_combinations.check(elements)
        problem = None
    except DamagedBarcode as damage:
        problem = str(damage.facts["problem"])
    right = dict(right_ones(elements))
    found = Barcode("element_string", problem, gtin14=right.get("01") or right.get("03"), elements=tuple(elements))
    return found if problem else _with_measures(found, right, numbering.currency)


def right_ones(elements: Iterable[Element]) -> list[Element]:
    """Return the elements whose own value keeps all rules."""
    known = ai_table.identifiers()
    return [element for element in elements if ai_content.is_right(known[element.ai], element.value)]


def _with_measures(found: Barcode, values: Mapping[str, str], currency: str | None) -> Barcode:
    """Return the barcode with weight, count and price where they are exact in our units."""
    weight_g = price_minor = None
    for ai, value in values.items():
        decimals = int(ai[-1])
        if ai.startswith("310"):
            weight_g = _exact(Decimal(value).scaleb(3 - decimals))
        elif ai.startswith("392") and currency:
            price_minor = _exact(Decimal(value).scaleb(exponent(currency) - decimals))
        elif ai.startswith("393"):
            currency = CURRENCY_LETTERS[value[:3]]
            price_minor = _exact(Decimal(value[3:]).scaleb(exponent(currency) - decimals))
    count = values.get("30") or values.get("37")
    return replace(
        found,
        weight_g=weight_g,
        count=int(count) if count else None,
        price_minor=price_minor,
        currency=None if price_minor is None else currency,
    )


def _exact(value: Decimal) -> int | None:
    return int(value) if value == value.to_integral_value() else None
