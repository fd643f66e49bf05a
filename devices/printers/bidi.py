"""In which order the parts of a text stand on paper, by FriBidi: Pillow's layout needs the same library anyway."""

import ctypes
from functools import cache

from devices.printers.fonts import is_right_to_left, knows_directions

LIBRARY = "libfribidi.so.0"
WEAK_LEFT_TO_RIGHT = 0x20  # FriBidiParType: the first letter with a direction decides, numbers alone run to the right


@cache
def library() -> ctypes.CDLL:
    return ctypes.CDLL(LIBRARY)


def places(text: str) -> list[tuple[int, bool]]:
    """Return for each letter its place from the left, and whether it runs from right to left.

    Source: Unicode Standard Annex #9.
    """
    if not any(map(is_right_to_left, text)) or not knows_directions():
        return [(index, False) for index in range(len(text))]
    length = len(text)
    letters = (ctypes.c_uint32 * length)(*map(ord, text))
    base = ctypes.c_uint32(WEAK_LEFT_TO_RIGHT)
    place = (ctypes.c_int * length)()
    levels = (ctypes.c_int8 * length)()
    done = library().fribidi_log2vis(letters, length, ctypes.byref(base), None, place, None, levels)
    assert done, "FriBidi had no memory"
    return [(where, level % 2 == 1) for where, level in zip(place, levels, strict=True)]
