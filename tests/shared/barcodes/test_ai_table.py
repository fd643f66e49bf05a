"""Our table of application identifiers says what GS1's Barcode Syntax Dictionary says, line by line."""

import re
from collections.abc import Iterator

from shared.barcodes.ai_table import Identifier, identifiers
from tests.shared.vectors import published

# What the dictionary calls our rules. Of a company prefix it asks for four digits, which numbers have anyhow.
RULES = {
    "couponcode": "coupon", "couponposoffer": "coupon_offer", "csum": "check", "csumalpha": "check_pair",
    "hasnondigit": "letter", "hh": "hour", "hhmi": "time", "hyphen": "minus", "importeridx": "importer",
    "iso3166": "country", "iso3166999": "country_or_many", "iso3166alpha2": "country_letters", "iso4217": "currency",
    "iso5218": "sex", "mediatype": "medium", "mi": "sixtieth", "nonzero": "above_zero",
    "nozeroprefix": "not_zero_first", "packagetype": "package", "pcenc": "percent", "pieceoftotal": "piece_of_total",
    "posinseqslash": "place_of_total", "ss": "sixtieth", "yesno": "yes_or_no", "yymmd0": "date0", "yymmdd": "date",
    "yyyymmdd": "whole_date",
}  # fmt: skip
PART = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)\]?((?:,\w+)*)\]?")

Said = tuple[object, ...]


def test_every_identifier_is_as_the_dictionary_has_it() -> None:
    text = published("schemas/gs1/gs1-syntax-dictionary.txt").read_text(encoding="utf-8")
    theirs = {
        ai: said for line in text.splitlines() if (bare := line.partition("#")[0].split()) for ai, said in read(bare)
    }

    ours = {ai: said_by(identifier) for ai, identifier in identifiers().items()}

    assert len(theirs) > 500
    assert [(ai, ours.get(ai), theirs.get(ai)) for ai in ours.keys() | theirs if ours.get(ai) != theirs.get(ai)] == []


def read(words: list[str]) -> Iterator[tuple[str, Said]]:
    names, *rest = words
    flags = rest.pop(0) if not PART.fullmatch(rest[0]) else ""
    parts = tuple(part_of(word) for word in rest if PART.fullmatch(word))
    told: dict[str, list[str]] = {"req": [], "ex": []}
    qualifiers = None
    for name, _, value in (word.partition("=") for word in rest if not PART.fullmatch(word)):
        if name == "dlpkey":
            qualifiers = tuple(tuple(filter(None, one.split(","))) for one in value.split("|"))
        else:
            told[name] += value.split(",")
    needs = frozenset(tuple(group.split("+")) for group in told["req"])
    first, _, last = names.partition("-")
    for number in range(int(first), int(last or first) + 1):
        ai = str(number).zfill(len(first))
        yield ai, (parts, "*" in flags, "?" in flags, needs, frozenset(told["ex"]), qualifiers)


def part_of(word: str) -> Said:
    match = PART.fullmatch(word)
    assert match, word
    bracket, characters, dots, length, names = match.groups()
    known = RULES if characters == "N" else RULES | {"gcppos1": "prefix"}
    rules = frozenset(known.get(name, name) for name in names.split(",") if name) - {"gcppos1", "gcppos2"}
    return bool(bracket), characters, 1 if dots else int(length), int(length), rules


def said_by(identifier: Identifier) -> Said:
    parts = tuple(
        (part.is_optional, part.characters, part.shortest, part.longest, frozenset(part.rules) - {"padding"})
        for part in identifier.parts
    )
    return (
        parts,
        identifier.is_predefined,
        identifier.is_attribute,
        frozenset(identifier.needs),
        frozenset(identifier.excludes),
        identifier.qualifiers,
    )
