"""A logo is a small PNG, or it is refused at the door."""

import base64
from io import BytesIO

import pytest
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from shared.model.logo import LOGO_BYTES_MAX, LOGO_SIDE_MAX, Logo

LOGO: TypeAdapter[str] = TypeAdapter(Logo)


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("1", (width, height)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (576, 240), (LOGO_SIDE_MAX, 10)])
def test_a_small_png_is_a_logo(size: tuple[int, int]) -> None:
    text = base64.b64encode(picture(*size)).decode()

    assert LOGO.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no base64!",
        base64.b64encode(picture(8, 8, "GIF")).decode(),
        base64.b64encode(picture(LOGO_SIDE_MAX + 1, 1)).decode(),
        base64.b64encode(picture(8, 8).ljust(LOGO_BYTES_MAX + 3)).decode(),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        LOGO.validate_python(text)
