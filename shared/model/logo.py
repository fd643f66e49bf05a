"""A shop's logo: a small PNG, written as base64 because settings travel as JSON."""

import base64
import binascii
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

LOGO_BYTES_MAX = 32_768  # what fits on a receipt takes 17 kB in black and white
LOGO_SIDE_MAX = 2_000  # pixels: a small file may unpack to gigabytes
PNG = b"\x89PNG\r\n\x1a\n"


def known_logo(text: str) -> str:
    try:
        file = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("a logo is a PNG in base64") from error
    # A PNG begins with its signature and the chunk IHDR: length, name, width, height.
    sides = [int.from_bytes(file[at : at + 4]) for at in (16, 20)]
    if not file.startswith(PNG) or file[12:16] != b"IHDR":
        raise ValueError("a logo is a PNG")
    if not all(1 <= side <= LOGO_SIDE_MAX for side in sides):
        raise ValueError(f"a logo has at most {LOGO_SIDE_MAX} pixels at a side")
    return text


Logo = Annotated[str, StringConstraints(max_length=LOGO_BYTES_MAX // 3 * 4), AfterValidator(known_logo)]
