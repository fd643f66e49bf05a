"""A QR code for a screen: dark and light squares, drawn by whoever shows them."""

from functools import lru_cache


@lru_cache(maxsize=64)  # a screen is drawn many times while it shows one code
def squares(text: str) -> tuple[str, ...]:
    """Return the code row by row, 1 for a dark square, without the light margin that it needs around it."""
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    made = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    made.add_data(text)
    return tuple("".join("1" if square else "0" for square in row) for row in made.get_matrix())
