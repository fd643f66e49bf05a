"""A boarding pass is read item by item, or is a visible error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.barcodes.boarding_pass import FLIGHT, FLIGHT_CONDITIONAL, NAMES, PASS_CONDITIONAL, Items
from shared.barcodes.decode import decode

MANDATORY = "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 1"
PRINTABLE = [chr(code) for code in range(0x20, 0x7F)]

Names = tuple[tuple[str, int], ...]


def items(names: Names) -> st.SearchStrategy[list[str]]:
    """Draw a value for each of some items, the first ones."""
    texts = [st.text(PRINTABLE, min_size=length, max_size=length) for _, length in names]
    return st.integers(0, len(names)).flatmap(lambda count: st.tuples(*texts[:count]).map(list))


def sized(text: str) -> str:
    return f"{len(text):02X}{text}"


def named(names: Names, values: list[str]) -> Items:
    return dict.fromkeys(name for name, _ in names) | dict(zip((name for name, _ in names), values, strict=False))


@st.composite
def passes(draw: st.DrawFn) -> tuple[str, Items, list[Items]]:
    """Draw (text, items of the pass, items of each flight)."""
    legs = draw(st.integers(1, 4))
    mandatory = [draw(st.text(PRINTABLE, min_size=length, max_size=length)) for _, length in NAMES]
    text, own, flights = f"M{legs}" + "".join(mandatory), named(NAMES, mandatory), []
    own |= {"version_number": None, "type_of_security_data": None, "security_data": None} | named(PASS_CONDITIONAL, [])
    for leg in range(legs):
        flight = [draw(st.text(PRINTABLE, min_size=length, max_size=length)) for _, length in FLIGHT]
        flight[5] = draw(st.integers(1, 366).map("{:03}".format) | st.just("   "))
        section = ""
        repeated, use = [], None
        if draw(st.booleans()):
            if leg == 0:
                unique = draw(items(PASS_CONDITIONAL))
                own |= {"version_number": draw(st.sampled_from("12345678"))} | named(PASS_CONDITIONAL, unique)
                section = f">{own['version_number']}{sized(''.join(unique))}"
            repeated = draw(items(FLIGHT_CONDITIONAL))
            use = draw(st.none() | st.text(PRINTABLE, min_size=1, max_size=90))
            section += sized("".join(repeated)) + (use or "")
        text += "".join(flight) + sized(section)
        flights.append(named(FLIGHT, flight) | named(FLIGHT_CONDITIONAL, repeated) | {"airline_individual_use": use})
    if draw(st.booleans()):
        own |= {"type_of_security_data": draw(st.sampled_from(PRINTABLE))}
        own |= {"security_data": draw(st.none() | st.text(PRINTABLE, min_size=1, max_size=100))}
        text += f"^{own['type_of_security_data']}{sized(own['security_data'] or '')}"
    return text, own, flights


@given(passes())
def test_each_item_of_up_to_four_flights_is_what_was_written(drawn: tuple[str, Items, list[Items]]) -> None:
    text, own, flights = drawn

    found = decode(text)

    assert found.problem is None
    assert found.boarding_pass
    assert found.boarding_pass.items == own
    assert list(found.boarding_pass.flights) == flights


@given(passes(), st.data())
def test_a_cut_pass_is_never_read_as_a_whole_one(drawn: tuple[str, Items, list[Items]], data: st.DataObject) -> None:
    text, own, _ = drawn
    whole_length = len(text)
    if own["type_of_security_data"]:  # without it the text before it is a whole pass
        whole_length = len(text) - len(f"^1{sized(own['security_data'] or '')}")
    place = data.draw(st.integers(0, len(text) - 1).filter(lambda place: place != whole_length))

    found = decode(text[:place])

    assert found.problem
    assert found.boarding_pass is None


@pytest.mark.parametrize("day", ["001", "060", "099", "100", "365", "366", "   "])
def test_a_flight_is_on_a_day_of_the_year(day: str) -> None:
    assert decode(MANDATORY.replace("326", day) + "00").boarding_pass


@pytest.mark.parametrize("day", ["000", "367", "400", "999", " 12", "12 ", "1A2"])
def test_a_day_that_no_year_has_is_damage(day: str) -> None:
    assert decode(MANDATORY.replace("326", day) + "00").problem == "the date of the flight is no day of the year"


@pytest.mark.parametrize(
    ("end", "problem"),
    [
        ("0a>3080123456700", "the length of the conditional part is '0a'"),  # hexadecimal digits are capitals
        ("05>3020", "ends too early"),
        ("08>3040123", "ends too early"),
        ("00 ", "something stands behind the last flight"),
        ("00^", "ends too early"),
        ("00^1", "ends too early"),
        ("00^1G0", "the length of the security data is 'G0'"),
        ("00^100 ", "something stands behind the security data"),
    ],
)
def test_what_does_not_fit_its_stated_length_is_damage(end: str, problem: str) -> None:
    assert problem in (decode(MANDATORY + end).problem or "")


def test_a_line_end_is_no_part_of_a_pass_but_blanks_are() -> None:
    padded = MANDATORY + "0A>30000AB  "

    found = decode(padded + "\r\n").boarding_pass

    assert found
    assert found.flights[0]["airline_individual_use"] == "AB  "
    assert decode(padded.rstrip()).problem == "the boarding pass ends too early"
