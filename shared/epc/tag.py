"""What a tag says: the identity of a thing, in all forms that people and systems use."""

from dataclasses import dataclass
from urllib.parse import quote

from shared.barcodes.check_digits import check_digit

# Characters of a text that stand for themselves in a URI (EPC Tag Data Standard, annex A).
PLAIN_IN_URI = "!'()*+,-.:;=_"
WITHOUT_EXTENSION = "0"  # a GLN with this extension is the GLN itself


@dataclass(frozen=True, slots=True)
class Tag:
    """One decoded tag, or why it cannot be decoded; then only the fields in front of the problem are there.

    The identity is scheme family, prefix, reference and serial; the filter says how to select tags and is no part of
    it. Digits are texts: their leading zeros count.
    """

    problem: str | None = None
    scheme: str | None = None  # "sgtin-96" …
    filter: int | None = None
    partition: int | None = None
    company_prefix: str | None = None
    reference: str = ""  # of the item, location or asset type; of a GID: manager and class
    serial: str | None = None  # also the extension of a location, and the reference of an individual asset
    gtin14: str | None = None

    @property
    def family(self) -> str | None:
        return self.scheme.partition("-")[0] if self.scheme and not self.problem else None

    @property
    def pure_identity_uri(self) -> str | None:
        return f"urn:epc:id:{self.family}:{self._path()}" if self.family else None

    @property
    def tag_uri(self) -> str | None:
        if not self.family:
            return None
        filtered = "" if self.filter is None else f"{self.filter}."
        return f"urn:epc:tag:{self.scheme}:{filtered}{self._path()}"

    @property
    def element_string(self) -> str | None:
        """The GS1 element string in brackets; a GID has none."""
        serial = (self.serial or "").replace("(", "\\(")
        number = f"{self.company_prefix}{self.reference}"
        match self.family:
            case "sgtin":
                return f"(01){self.gtin14}(21){serial}"
            case "sscc":  # the reference's first digit stands in front of the prefix
                return f"(00){with_check_digit(f'{self.reference[0]}{self.company_prefix}{self.reference[1:]}')}"
            case "sgln":
                extension = "" if self.serial == WITHOUT_EXTENSION else f"(254){serial}"
                return f"(414){with_check_digit(number)}{extension}"
            case "grai":
                return f"(8003)0{with_check_digit(number)}{serial}"
            case "giai":
                return f"(8004){number}{serial}"
            case "gdti":
                return f"(253){with_check_digit(number)}{serial}"
            case "gsrn":
                return f"(8018){with_check_digit(number)}"
            case "gsrnp":
                return f"(8017){with_check_digit(number)}"
        return None

    def _path(self) -> str:
        serial = None if self.serial is None else quote(self.serial, safe=PLAIN_IN_URI)
        if self.family == "giai":
            return f"{self.company_prefix}.{serial}"
        parts = (self.company_prefix, self.reference, serial)
        return ".".join(part for part in parts if part is not None)


def with_check_digit(digits: str) -> str:
    return digits + check_digit(digits)
