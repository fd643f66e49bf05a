"""From any text to the letters that a display has. No port and no clock.

Source of the code page numbers: Epson DM-D110, DM-D210 and DM-D30 user's manuals, ESC t.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

from devices.displays.interface import Row

Profile = Literal["plain", "epson", "epson_wide"]

# For each profile the code pages it has, by Python's name, with their numbers; the first that fits is taken.
CODE_PAGES: Mapping[Profile, Mapping[str, int]] = {
    "plain": {},
    "epson": {
        "cp437": 0, "cp858": 19, "cp1252": 16, "cp850": 2, "cp852": 18, "cp866": 17, "cp860": 3, "cp863": 4, "cp865": 5,
    },
    "epson_wide": {
        "cp437": 0, "cp858": 19, "cp1252": 16, "cp737": 14, "iso8859_7": 15, "cp850": 2, "cp852": 18, "cp866": 17,
        "cp857": 13, "cp860": 3, "cp863": 4, "cp865": 5,
    },
}  # fmt: skip
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
UNSEEN = {"Mn", "Me", "Cf"}  # marks above and below letters, directions: without a place of their own
SUBSTITUTE = "?"


def page_of(character: str, pages: Mapping[str, int], preferred: str | None = None) -> str | None:
    """Return the code page that has a letter beyond ASCII, or None; `preferred` if that has it."""
    for page in [preferred, *pages] if preferred else pages:
        try:
            if len(character.encode(page)) == 1:
                return page
        except UnicodeEncodeError:
            continue
    return None


def spelled(text: str, pages: Mapping[str, int]) -> str:
    """Write a text with the letters that a display has: those of other scripts in Latin ones, the rest as "?"."""
    words = unicodedata.normalize("NFC", CONTROL.sub(" ", text)).split(" ")
    return " ".join(_spelled_word(word, pages) for word in words)


def _spelled_word(word: str, pages: Mapping[str, int]) -> str:
    """A word stays in its script or leaves it as a whole: page 437 has a few Greek letters, for mathematics."""
    known = [character.isascii() or page_of(character, pages) is not None for character in word]
    if all(known):
        return word
    return "".join(
        character if is_known and not _is_of_other_script(character) else _in_latin(character)
        for character, is_known in zip(word, known, strict=True)
    )


def _is_of_other_script(character: str) -> bool:
    return character.isalpha() and not unicodedata.name(character, "").startswith("LATIN")


def _in_latin(character: str) -> str:
    from anyascii import anyascii

    if unicodedata.category(character) in UNSEEN:
        return ""
    return CONTROL.sub(" ", anyascii(character)) or SUBSTITUTE


def fitted(row: Row, pages: Mapping[str, int], columns: int) -> str:
    """Return a row of exactly `columns` letters."""
    left, right = spelled(row.left, pages), spelled(row.right, pages)[:columns]
    room = columns - len(right) - (1 if right else 0)
    return (left[: max(room, 0)].ljust(columns - len(right)) + right)[:columns]


def encoded(text: str, pages: Mapping[str, int]) -> bytes:
    """Encode what `spelled` returned, with a change of code page (ESC t) wherever one is needed."""
    parts = []
    page: str | None = None
    for character in text:
        if character.isascii():
            parts.append(character.encode("ascii"))
            continue
        fitting = page_of(character, pages, page)
        assert fitting
        if fitting != page:
            page = fitting
            parts.append(b"\x1bt" + bytes([pages[page]]))
        parts.append(character.encode(page))
    return b"".join(parts)
