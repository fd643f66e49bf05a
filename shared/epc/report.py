"""One decoded tag as a line of JSON for support people and scripts."""

from shared.epc.decode import decode
from shared.epc.tag import Tag


def answer(text: str, tag: Tag) -> dict[str, object]:
    """Return what `shopwright-edge epc` says of tag memory; keys that do not apply are None."""
    return {
        "hex": text,
        "ok": tag.problem is None,
        "scheme": tag.scheme,
        "filter": tag.filter,
        "partition": tag.partition,
        "company_prefix": tag.company_prefix,
        "gtin14": tag.gtin14,
        "serial": tag.serial or tag.reference or None,  # the serial of an SSCC is its reference
        "pure_identity_uri": tag.pure_identity_uri,
        "tag_uri": tag.tag_uri,
        "element_string": tag.element_string,
        "reason": tag.problem,
    }


def told(epc: bytes) -> str:
    """Return how people and systems call a tag: the URI of its identity, or hexadecimal digits where it has none."""
    return decode(epc).pure_identity_uri or epc.hex().upper()
