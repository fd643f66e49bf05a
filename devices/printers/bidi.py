"""In which order the parts of a text stand on paper, by FriBidi: Pillow's layout needs the same library anyway."""

import ctypes
from functools import cache

from devices.printers.fonts import is_right_to_left, knows_directions

LIBRARY = "libfribidi.so.0"
# FriBidiParType: where a line begins. In the first case its first letter with a direction decides.
BY_FIRST_LETTER, FROM_THE_RIGHT = 0x20, 0x111


@cache
def library() -> ctypes.CDLL:
    return ctypes.CDLL(LIBRARY)


def places(text: str, *, from_the_right: bool = False) -> list[tuple[int, int]]:
    """Return for each letter its place from the left, and its level: odd ones run from right to left, and letters of
    one level that follow each other stand side by side.

    from_the_right: the text belongs to a receipt that runs from right to left, whatever it begins with.
    Source: Unicode Standard Annex #9.
    """
    if not any(map(is_right_to_left, text)) or not knows_directions():
        return [(index, 0) for index in range(len(text))]
    length = len(text)
    letters = (ctypes.c_uint32 * length)(*map(ord, text))
    base = ctypes.c_uint32(FROM_THE_RIGHT if from_the_right else BY_FIRST_LETTER)
    place = (ctypes.c_int * length)()
    levels = (ctypes.c_int8 * length)()
    done = library().fribidi_log2vis(letters, length, ctypes.byref(base), None, place, None, levels)
    assert done, "FriBidi had no memory"
    return list(zip(place, levels, strict=True))
