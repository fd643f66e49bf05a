"""From a keyboard's events to the text that was typed. No port and no clock.

Source: linux/input.h and linux/input-event-codes.h; the layouts are those of the countries' national standards.
"""

import struct
from dataclasses import dataclass, field
from typing import Literal

EVENT = struct.Struct("@llHHi")  # seconds, microseconds, type, code, value
SYNC, KEY = 0, 1
DROPPED = 3  # code of a SYNC: the kernel's buffer ran over
UP, DOWN = 0, 1  # 2 is a repetition: a scanner never holds a key, so it is not taken
ENTER, TAB, KEYPAD_ENTER = 28, 15, 96
SHIFTS, CONTROLS, ALT, ALT_GR = frozenset({42, 54}), frozenset({29, 97}), 56, 100
LOST = b"\x00"  # no code holds it, so a frame with it is refused

Layout = Literal["us", "uk", "de", "fr"]

# Keys 2 to 13, 16 to 27, 30 to 41 (the last is left of the 1), 43 to 53, and 86 (beside the left shift).
ROWS = ((2, 14), (16, 28), (30, 42), (43, 54), (86, 87))
PLAIN: dict[Layout, tuple[str, str, str, str, str]] = {
    "us": ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'`", "\\zxcvbnm,./", "\\"),
    "uk": ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'`", "#zxcvbnm,./", "\\"),
    "de": ("1234567890ß´", "qwertzuiopü+", "asdfghjklöä^", "#yxcvbnm,.-", "<"),
    "fr": ("&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù²", "*wxcvbn,;:!", "<"),
}
SHIFTED: dict[Layout, tuple[str, str, str, str, str]] = {
    "us": ("!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"~', "|ZXCVBNM<>?", "|"),
    "uk": ('!"£$%^&*()_+', "QWERTYUIOP{}", "ASDFGHJKL:@¬", "~ZXCVBNM<>?", "|"),
    "de": ('!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ°", "'YXCVBNM;:_", ">"),
    "fr": ("1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%²", "µWXCVBN?./§", ">"),
}
WITH_ALT_GR: dict[Layout, dict[int, str]] = {
    "us": {},
    "uk": {5: "€"},
    "de": {8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 18: "€", 27: "~", 86: "|"},
    "fr": {3: "~", 4: "#", 5: "{", 6: "[", 7: "|", 8: "`", 9: "\\", 10: "^", 11: "@", 12: "]", 13: "}", 18: "€"},
}
KEYPAD = dict(zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83, 55, 74, 78, 98), "7894561230.*-+/", strict=True))
SPACE = {57: " "}


def keys_of(layout: Layout, shape: dict[Layout, tuple[str, str, str, str, str]]) -> dict[int, str]:
    """Return what each key types."""
    rows = zip(ROWS, shape[layout], strict=True)
    typed = {code: letter for (first, end), row in rows for code, letter in zip(range(first, end), row, strict=True)}
    return typed | KEYPAD | SPACE


@dataclass(slots=True)
class Keys:
    """Turns events into UTF-8. Enter ends a frame as CR does; what the kernel lost makes the frame a bad one.

    Control with a key types the control character of that key's US letter: many scanners send GS as Control and "]".
    What is held with a key that has nothing to say then makes the frame a bad one, too: a scanner that is set to type
    letters by number, with Alt and the keypad, would else be taken for one that reads other codes.
    """

    layout: Layout = "us"
    _plain: dict[int, str] = field(init=False)
    _shifted: dict[int, str] = field(init=False)
    _controls: dict[int, str] = field(init=False)
    _held: set[int] = field(default_factory=set, init=False)
    _rest: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        self._plain, self._shifted = keys_of(self.layout, PLAIN), keys_of(self.layout, SHIFTED)
        letters = keys_of("us", SHIFTED) | {26: "[", 27: "]", 43: "\\"}
        self._controls = {code: chr(ord(letter) & 0x1F) for code, letter in letters.items() if "@" <= letter <= "_"}

    def feed(self, data: bytes) -> bytes:
        """Take the next events and return what they typed."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        return b"".join(self._typed(kind, code, value) for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]))

    def _typed(self, kind: int, code: int, value: int) -> bytes:
        if kind == SYNC and code == DROPPED:
            self._held.clear()
            return LOST
        if kind != KEY:
            return b""
        if code in SHIFTS or code in CONTROLS or code in {ALT, ALT_GR}:
            (self._held.add if value else self._held.discard)(code)
            return b""
        return self._letter(code) if value == DOWN else b""

    def _letter(self, code: int) -> bytes:
        if code in (ENTER, TAB, KEYPAD_ENTER):
            return b"\r"
        if self._held & CONTROLS:
            return self._controls.get(code, "").encode() or LOST
        if ALT in self._held:
            return LOST
        if ALT_GR in self._held:
            return WITH_ALT_GR[self.layout].get(code, "").encode() or LOST
        if self._held & SHIFTS and code not in KEYPAD:
            return self._shifted.get(code, "").encode()
        return self._plain.get(code, "").encode()


def typed(text: str, layout: Layout = "us") -> bytes:
    """Return the events of a scanner that types `text` and Enter. Raises KeyError for what its keyboard lacks."""
    plain, shifted = keys_of(layout, PLAIN), keys_of(layout, SHIFTED)
    keys = {letter: (code,) for code, letter in plain.items()} | {"\x1d": (29, 27), "\r": (ENTER,)}
    keys |= {letter: (ALT_GR, code) for code, letter in WITH_ALT_GR[layout].items()}
    keys = {letter: (42, code) for code, letter in shifted.items() if code not in KEYPAD} | keys
    events = []
    for letter in f"{text}\r":
        pressed = keys[letter]
        events += [(code, DOWN) for code in pressed] + [(code, UP) for code in reversed(pressed)]
    return b"".join(EVENT.pack(0, 0, KEY, code, value) + EVENT.pack(0, 0, SYNC, 0, 0) for code, value in events)
