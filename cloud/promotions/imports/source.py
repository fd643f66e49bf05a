"""A file's bytes, bounded, and its text."""

import codecs
from collections.abc import Iterable, Iterator
from typing import Literal

from cloud.promotions.imports.staged import BadPromotionFile

Content = bytes | Iterable[bytes]  # whole, or piece by piece as it arrives
# Greek and Hebrew tills write one byte a letter, and nothing in such a file says which.
Encoding = Literal["utf-8", "cp1252", "cp1253", "cp1255", "iso8859-7", "iso8859-8", "cp737", "cp862"]

FILE_BYTES_MAX = 64_000_000  # the largest chain's whole feed of one store, four times
PIECE_BYTES = 65_536


def pieces(content: Content) -> Iterator[bytes]:
    """Yield the file in small pieces. Raises BadPromotionFile as soon as it is too big; the rest is never asked for."""
    size = 0
    for piece in [content] if isinstance(content, bytes) else content:
        size += len(piece)
        if size > FILE_BYTES_MAX:
            raise BadPromotionFile(problem=f"it is larger than {FILE_BYTES_MAX // 1_000_000} MB")
        yield from (piece[start : start + PIECE_BYTES] for start in range(0, len(piece), PIECE_BYTES))


def text(content: Content, encoding: Encoding | None) -> tuple[str, str]:
    """Return the file's text and the encoding that it was read with.

    encoding: None tries UTF-8, then Windows' Western letters, as spreadsheets write them. Raises BadPromotionFile.
    """
    whole = b"".join(pieces(content))
    if whole.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        names: tuple[str, ...] = ("utf-16",)
    elif whole.startswith(codecs.BOM_UTF8):
        names = ("utf-8-sig",)
    else:
        names = (encoding,) if encoding else ("utf-8", "cp1252")
    for name in names:
        try:
            return whole.decode(name), name.removesuffix("-sig")
        except UnicodeDecodeError as error:
            problem = f"byte {error.start + 1} is no letter of {name}"
    raise BadPromotionFile(problem=problem)
