"""Which font has a letter: fonts are asked in order, for each letter anew, so that a line may hold any scripts."""

import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wcwidth import width

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

# Where Debian's packages put them; the number behind # is the face inside a collection. DejaVu stands first because
# its strokes are strong enough for a thermal head, and its emoji are drawn in one colour; its typewriter before all, so
# that amounts look alike in lines that are drawn and in lines that the printer writes.
DEFAULT_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans*-Regular.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc#2",  # face 2 has the forms of mainland China
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/truetype/ancient-scripts/Symbola_hint.ttf",
    "/usr/share/fonts/opentype/unifont/unifont.otf",
)
# What an installer gets when a letter has no font: (first, last, Debian package).
PACKAGES = (
    (0x2E80, 0xA4CF, "fonts-noto-cjk"),
    (0xAC00, 0xD7FF, "fonts-noto-cjk"),
    (0xF900, 0xFAFF, "fonts-noto-cjk"),
    (0xFE30, 0xFE4F, "fonts-noto-cjk"),
    (0xFF00, 0xFFEF, "fonts-noto-cjk"),
    (0x1F000, 0x1FAFF, "fonts-noto-color-emoji"),
    (0x20000, 0x3FFFF, "fonts-noto-cjk"),
)
OTHER_PACKAGE = "fonts-noto-core"
BIDI_PACKAGE = "libfribidi0"
PROBE_DOTS = 24
STRIKE_DOTS = 109  # the one size of the bitmaps in NotoColorEmoji
NO_SUCH_CHARACTER = "\U0010ffff"  # fonts draw their empty box for it
CLUSTERS_MAX = 20_000  # remembered; Chinese receipts use some thousands
VARIATION_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True, slots=True)
class Face:
    """One font file that was found, opened with plain layout to ask it for letters."""

    path: str
    index: int
    probe: "FreeTypeFont"
    is_bitmap: bool  # pictures of one size, in colour
    is_typewriter: bool  # every letter is as wide as every other

    @property
    def missing(self) -> bytes:
        return bytes(self.probe.getmask(NO_SUCH_CHARACTER))

    def has(self, letters: str) -> bool:
        missing = self.missing
        return all(letter.isspace() or bytes(self.probe.getmask(letter)) != missing for letter in letters)


@dataclass(eq=False, slots=True)
class FontChain:
    """Fonts in the order in which they are asked. What is not installed, or is no font, is passed over.

    paths: files, with * for any letters, and with #n for the nth face of a collection.
    """

    paths: tuple[str, ...] = DEFAULT_FONTS
    _faces: list[Face] | None = field(default=None, init=False)
    _found: dict[str, tuple[Face, str] | None] = field(default_factory=dict, init=False)

    @property
    def faces(self) -> list[Face]:
        if self._faces is None:
            self._faces = list(opened(self.paths))
        return self._faces

    def find(self, cluster: str) -> tuple[Face, str] | None:
        """Return the first face that draws the cluster, and what to draw of it; None when no face has its letter.

        cluster: a letter with its marks. Where no face has all of it, the letter stands alone.
        """
        if cluster not in self._found:
            if len(self._found) >= CLUSTERS_MAX:
                self._found.clear()
            self._found[cluster] = self._search(cluster)
        return self._found[cluster]

    def _search(self, cluster: str) -> tuple[Face, str] | None:
        seen = visible(cluster)
        if any(is_right_to_left(letter) for letter in seen) and not knows_directions():
            return None
        faces = self.faces
        if width(cluster) == 2 or any(map(is_right_to_left, seen)):  # a typewriter's cell is not made for these
            faces = sorted(faces, key=lambda face: face.is_typewriter)
        for letters, drawn in ((seen, cluster), (seen[:1], seen[:1])):
            for face in faces:
                if face.has(letters):
                    return face, drawn
        return None


def opened(paths: tuple[str, ...]) -> "list[Face]":
    """Open the fonts that exist, each once."""
    from PIL import ImageFont

    faces: dict[tuple[str, int], Face] = {}
    for pattern in paths:
        name, _, index = pattern.partition("#")
        for path in sorted(Path(name).parent.glob(Path(name).name)):
            key = (str(path), int(index or 0))
            for size in (PROBE_DOTS, STRIKE_DOTS):
                try:
                    probe = ImageFont.truetype(path, size, key[1], layout_engine=ImageFont.Layout.BASIC)
                except OSError:  # no font, or one without this size
                    continue
                faces.setdefault(key, Face(*key, probe, size == STRIKE_DOTS, is_typewriter(probe)))
                break
    return list(faces.values())


def is_typewriter(probe: "FreeTypeFont") -> bool:
    """Tell whether a font has Latin letters of one width; boxes for letters that it lacks are all as wide, too."""
    return probe.getlength("i") == probe.getlength("W") and bytes(probe.getmask("i")) != bytes(probe.getmask("W"))


def visible(cluster: str) -> str:
    """Leave out what only steers: joiners, marks of direction, variation selectors."""
    return "".join(
        letter for letter in cluster if unicodedata.category(letter) != "Cf" and ord(letter) not in VARIATION_SELECTORS
    )


def is_right_to_left(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in {"R", "AL", "AN"}


@cache
def knows_directions() -> bool:
    """Whether this machine can order and join letters that run from right to left (libraqm with FriBidi)."""
    from PIL import features

    return bool(features.check("raqm") and features.check("fribidi"))


def package_for(letter: str) -> str:
    """Return the Debian package whose installation makes the letter printable."""
    if is_right_to_left(letter) and not knows_directions():
        return BIDI_PACKAGE
    known = (package for first, last, package in PACKAGES if first <= ord(letter) <= last)
    return next(known, OTHER_PACKAGE)
