"""Boarding passes: the text in the PDF417, Aztec, QR or DataMatrix symbol that an airline prints.

Source: IATA Resolution 792, Bar Coded Boarding Pass (BCBP), up to version 8 of the layout.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.barcodes.damage import DamagedBarcode

FORMAT = "M"
LENGTH_MIN = 60  # the mandatory items of one flight
LOOKS_LIKE = re.compile(f"{FORMAT}[0-9].{{{LENGTH_MIN - 2},}}", re.DOTALL)

# Items in order, with their lengths.
NAMES = (("passenger_name", 20), ("electronic_ticket_indicator", 1))
FLIGHT = (
    ("operating_carrier_pnr_code", 7),
    ("from_city_airport_code", 3),
    ("to_city_airport_code", 3),
    ("operating_carrier_designator", 3),
    ("flight_number", 5),
    ("date_of_flight", 3),  # day of the year; the year is not told
    ("compartment_code", 1),
    ("seat_number", 4),
    ("check_in_sequence_number", 5),
    ("passenger_status", 1),
)
PASS_CONDITIONAL = (
    ("passenger_description", 1),
    ("source_of_check_in", 1),
    ("source_of_boarding_pass_issuance", 1),
    ("date_of_issue_of_boarding_pass", 4),  # last digit of the year, day of the year
    ("document_type", 1),
    ("airline_designator_of_boarding_pass_issuer", 3),
    ("baggage_tag_license_plate_numbers", 13),
    ("first_non_consecutive_baggage_tag_license_plate_numbers", 13),
    ("second_non_consecutive_baggage_tag_license_plate_numbers", 13),
)
FLIGHT_CONDITIONAL = (
    ("airline_numeric_code", 3),
    ("document_form_serial_number", 10),
    ("selectee_indicator", 1),
    ("international_document_verification", 1),
    ("marketing_carrier_designator", 3),
    ("frequent_flyer_airline_designator", 3),
    ("frequent_flyer_number", 16),
    ("id_ad_indicator", 1),
    ("free_baggage_allowance", 3),
    ("fast_track", 1),
)
DAY_OF_YEAR = re.compile("00[1-9]|0[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6]| {3}")  # 366: the year is not told

Items = dict[str, str | None]  # as they stand in the pass, blanks and all; None for what the pass does not have


@dataclass(frozen=True, slots=True)
class BoardingPass:
    """What a boarding pass says of its passenger, and of each flight."""

    items: Items
    flights: tuple[Items, ...]

    def shown(self) -> dict[str, object]:
        """Return it for JSON."""
        return {**self.items, "number_of_legs": len(self.flights), "legs": list(self.flights)}


@dataclass(slots=True)
class Reading:
    """What is left to read of a text, or of a part with a length of its own."""

    text: str
    part: str = "it"
    _place: int = field(default=0, init=False)

    @property
    def is_over(self) -> bool:
        return self._place >= len(self.text)

    def take(self, length: int) -> str:
        """Raises DamagedBarcode when less is left."""
        taken = self.text[self._place : self._place + length]
        if len(taken) < length:
            raise DamagedBarcode(problem=f"{self.part} ends too early")
        self._place += length
        return taken

    def rest(self) -> str:
        return self.take(len(self.text) - self._place)

    def section(self, name: str) -> "Reading":
        """Take a part whose length stands before it in two hexadecimal digits."""
        digits = self.take(2)
        if not re.fullmatch("[0-9A-F]{2}", digits):
            raise DamagedBarcode(problem=f"the length of {name} is {digits!r}")
        return Reading(self.take(int(digits, 16)), name)

    def items(self, names: tuple[tuple[str, int], ...]) -> Iterator[tuple[str, str]]:
        """Yield items until there are no more: older passes have fewer."""
        for name, length in names:
            if self.is_over:
                return
            yield name, self.take(length)


def read(text: str) -> BoardingPass:
    """Read a boarding pass. Raises DamagedBarcode for one that is cut, too long, or of another layout."""
    if not (text.isascii() and text.isprintable()):
        raise DamagedBarcode(problem="a boarding pass has printable ASCII only")
    whole = Reading(text, "the boarding pass")
    legs = whole.take(2)[1]
    if not LOOKS_LIKE.fullmatch(text) or legs == "0":
        raise DamagedBarcode(problem="it is no boarding pass: those begin with M and the number of flights")
    items: Items = dict(whole.items(NAMES))
    items |= dict.fromkeys(("version_number", *(name for name, _ in PASS_CONDITIONAL)))
    items |= dict.fromkeys(("type_of_security_data", "security_data"))
    flights = [_flight(whole, items, is_first=number == 0) for number in range(int(legs))]
    if not whole.is_over:
        _security(whole, items)
    return BoardingPass(items, tuple(flights))


def _flight(whole: Reading, items: Items, *, is_first: bool) -> Items:
    flight: Items = dict.fromkeys(name for name, _ in FLIGHT_CONDITIONAL)
    flight = {name: whole.take(length) for name, length in FLIGHT} | flight | {"airline_individual_use": None}
    if not DAY_OF_YEAR.fullmatch(flight["date_of_flight"] or ""):
        raise DamagedBarcode(problem="the date of the flight is no day of the year")
    conditional = whole.section("the conditional part")
    if is_first and not conditional.is_over:
        if conditional.take(1) != ">":
            raise DamagedBarcode(problem="the conditional part does not begin with >")
        items["version_number"] = conditional.take(1)
        if not conditional.is_over:
            items |= dict(conditional.section("the part about the passenger").items(PASS_CONDITIONAL))
    if not conditional.is_over:
        flight |= dict(conditional.section("the part about the flight").items(FLIGHT_CONDITIONAL))
    if not conditional.is_over:
        flight["airline_individual_use"] = conditional.rest()
    return flight


def _security(whole: Reading, items: Items) -> None:
    if whole.take(1) != "^":
        raise DamagedBarcode(problem="something stands behind the last flight")
    items["type_of_security_data"] = whole.take(1)
    items["security_data"] = whole.section("the security data").rest() or None
    if not whole.is_over:
        raise DamagedBarcode(problem="something stands behind the security data")
