"""A tag says what it is, or why it says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.barcodes.characters import CSET_82
from shared.epc import Tag, decode, decode_memory, encode, report
from shared.epc.decode import crc16
from shared.epc.schemes import PREFIXES, SCHEMES, Scheme
from shared.epc.tag import with_check_digit
from tests.shared import vectors

EPC = "3034257BF400B7800004CB2F"
IDENTITY = "urn:epc:id:sgtin:0614141.000734.314159"


@pytest.mark.parametrize("name", ["epc_tags", "epc_sgtin96_catalogue"])
def test_published_tags(name: str) -> None:
    for case in vectors.cases(name):
        answer = report.answer(case["hex"], decode_memory(case["hex"]))
        assert answer["ok"] == case.get("ok", True), case
        if answer["ok"]:
            said = {key: case[key] for key in case.keys() & answer.keys()}
            assert said.items() <= answer.items(), case
            assert case.get("sscc", "") in str(answer["element_string"])
            assert case.get("gln", "") in str(answer["element_string"])
            assert encode(decode_memory(case["hex"])).hex().upper().startswith(case["hex"].upper())


@pytest.mark.parametrize(
    ("memory", "uri"),
    [
        ("3174257BF4499602D2000000", "urn:epc:tag:sscc-96:3.0614141.1234567890"),
        ("3274257BF46072000000162E", "urn:epc:tag:sgln-96:3.0614141.12345.5678"),
        ("3374257BF40C0E400000162E", "urn:epc:tag:grai-96:3.0614141.12345.5678"),
        ("3474257BF40000000000162E", "urn:epc:tag:giai-96:3.0614141.5678"),
        ("3774257BF40C0E59B2C2BF100000000000000000000000", "urn:epc:tag:grai-170:3.0614141.12345.32a%2Fb"),
        ("3874257BF59B2C2BF10000000000000000000000000000000000", "urn:epc:tag:giai-202:3.0614141.32a%2Fb"),
        ("3974257BF46072CD9615F8800000000000000000000000000000", "urn:epc:tag:sgln-195:3.0614141.12345.32a%2Fb"),
        ("2C74257BF46072000000162E", "urn:epc:tag:gdti-96:3.0614141.12345.5678"),
        ("2D74257BF4499602D2000000", "urn:epc:tag:gsrn-96:3.0614141.1234567890"),
        ("2E74257BF4499602D2000000", "urn:epc:tag:gsrnp-96:3.0614141.1234567890"),
        ("3300011B896A500000000001", "urn:epc:tag:grai-96:0.001189239444..1"),
        ("3414257BF40000000000000C", "urn:epc:tag:giai-96:0.0614141.12"),
        ("3414257BF400000000000000", "urn:epc:tag:giai-96:0.0614141.0"),
    ],
)
def test_every_scheme_has_its_uri(memory: str, uri: str) -> None:
    assert decode_memory(memory).tag_uri == uri


@pytest.mark.parametrize(
    "memory",
    [
        EPC,
        EPC.lower(),
        f" 0x{EPC} ",
        f"0X{EPC}",
        f"3000{EPC}",  # the PC word: six words of EPC
        f"{crc16(bytes.fromhex('3000' + EPC)):04X}3000{EPC}",  # the bank from its checksum on
        f"{crc16(bytes.fromhex('3000' + EPC)):04X}3000{EPC}00000000",  # and more than it holds
        f"{EPC}00000000",
    ],
)
def test_an_epc_is_found_in_tag_memory(memory: str) -> None:
    assert decode_memory(memory).pure_identity_uri == IDENTITY


def test_an_epc_that_begins_like_a_checksum_of_the_rest_is_an_epc() -> None:
    memory = "3034257BF400004000006F12"  # 3034 is the checksum of what is behind it

    assert decode_memory(memory).pure_identity_uri == "urn:epc:id:sgtin:0614141.000001.28434"


@pytest.mark.parametrize(
    ("memory", "problem"),
    [
        ("", "empty"),
        ("30 34", "not hexadecimal"),
        ("0x", "not hexadecimal"),
        (f"\u00a0{EPC}", "not hexadecimal"),
        ("\u0663\u0660" + EPC[2:], "not hexadecimal"),  # another script's digits
        ("3034257BF400B7800004CB2", "digit is missing"),
        (EPC[:-4], "too short"),
        (f"{EPC}0001", "longer than sgtin-96"),
        (f"2800{EPC}", "no scheme"),  # the PC word says five words
        (f"3100{EPC}", "15962"),
        ("301C00004000004000000001", "partition 7"),
        ("E28011606000020000000001", "not programmed"),
        ("3000E28011606000020000000001", "not programmed"),
        ("000000000000000000000000", "not programmed"),
        ("3C34257BF400B7800004CB2F", "header 3C"),
        ("3017FFFFFC00004000000001", "digits holds"),  # seven digits cannot say 16,777,215
        ("3114257BF4499602D2000001", "not zero"),
        ("3634257BF7194E000000000000000000000000000000000000", "serial is empty"),
        ("3634257BF7194E5B3770E60C20000000000000000000000200", "goes on behind"),
        ("3634257BF7194E5B3770E40C20000000000000000000000000", "holds"),
        ("30" * 100, "longer than a tag's memory"),
    ],
)
def test_what_cannot_be_read_says_why(memory: str, problem: str) -> None:
    found = decode_memory(memory)

    assert problem in (found.problem or "")
    assert (found.gtin14, found.pure_identity_uri, found.tag_uri, found.element_string) == (None,) * 4


def test_the_filter_is_no_part_of_the_identity() -> None:
    tags = [decode_memory(f"{0x3014257BF400B7800004CB2F | number << 85:X}") for number in range(8)]

    assert [tag.filter for tag in tags] == list(range(8))
    assert {tag.pure_identity_uri for tag in tags} == {IDENTITY}


def test_a_serial_is_escaped_in_uris_only() -> None:
    tag = Tag(None, "sgtin-198", 1, 5, "0614141", "812345", 'a/b?"%&<>(', "80614141123458")

    found = decode(encode(tag))

    assert found == tag
    assert found.pure_identity_uri == "urn:epc:id:sgtin:0614141.812345.a%2Fb%3F%22%25%26%3C%3E("
    assert found.element_string == '(01)80614141123458(21)a/b?"%&<>\\('


@given(st.binary(max_size=40))
def test_any_bytes_have_an_answer_and_good_ones_come_back_as_they_were(epc: bytes) -> None:
    found = decode(epc)

    if found.problem is None:
        again = encode(found)
        size = min(len(again), len(epc))
        assert again[:size] == epc[:size]
        assert not any(epc[size:])


# epcpy counts the three characters of an escape against a serial's length; what is escaped has a test of its own.
ESCAPES = {'"': "%22", "%": "%25", "&": "%26", "/": "%2F", "<": "%3C", ">": "%3E", "?": "%3F"}  # TDS 1.13, table A-1
PLAIN = "".join(character for character in CSET_82 if character not in ESCAPES)


@st.composite
def tags(draw: st.DrawFn, characters: str = PLAIN) -> Tag:
    """Tags before they are encoded."""
    header = draw(st.sampled_from(sorted(set(SCHEMES) - {0x35})))
    scheme: Scheme = SCHEMES[header]
    partition = draw(st.integers(0, 6))
    _, prefix_digits = PREFIXES[partition]
    prefix = draw(digits(prefix_digits))
    reference = draw(digits(scheme.shared_digits - prefix_digits)) if scheme.shared_bits else ""
    serial = None
    if scheme.rest == "text":
        serial = draw(st.text(characters, min_size=1, max_size=scheme.rest_max(prefix_digits)))
    elif scheme.rest == "number":
        serial = str(draw(st.integers(0, 2**38 - 1)))
    gtin14 = with_check_digit(f"{reference[0]}{prefix}{reference[1:]}") if scheme.family == "sgtin" else None
    return Tag(None, scheme.name, draw(st.integers(0, 7)), partition, prefix, reference, serial, gtin14)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


@given(tags(CSET_82))
def test_a_tag_says_what_was_written_to_it_with_all_zeros_in_front(tag: Tag) -> None:
    memory = encode(tag)
    bank = ((len(memory) // 2) << 11).to_bytes(2, "big") + memory

    assert decode(memory) == tag
    assert decode_memory(bank.hex()) == tag
    assert decode_memory(f"{crc16(bank):04x}{bank.hex()}0000") == tag


@given(tags(CSET_82))
def test_seven_characters_of_a_serial_are_escaped_in_uris(tag: Tag) -> None:
    escaped = "".join(ESCAPES.get(character, character) for character in tag.serial or tag.reference)

    assert (tag.pure_identity_uri or "").endswith(f".{escaped}")
    assert (tag.tag_uri or "").endswith(f".{escaped}")


@given(tags())
def test_an_independent_library_reads_the_same(tag: Tag) -> None:
    epcpy = pytest.importorskip("epcpy")

    theirs = epcpy.hex_to_tag_encodable(encode(tag).hex().upper())

    assert tag.problem is None
    assert tag.pure_identity_uri == theirs.epc_uri
    assert epcpy.tag_uri_to_tag_encodable(tag.tag_uri).epc_uri == theirs.epc_uri
    # Theirs has an extension 0, which stands for no extension.
    assert (tag.element_string or "").replace("\\(", "(") == theirs.gs1_element_string().removesuffix("(254)0")
