"""From an identity to the bytes of a tag, as printers of tags and simulated readers need them."""

from shared.epc.schemes import (
    CHARACTER_BITS,
    FILTER_BITS,
    GID_BITS,
    HEADER_BITS,
    HEADERS,
    PARTITION_BITS,
    PREFIXES,
    SCHEMES,
)
from shared.epc.tag import Tag


def encode(tag: Tag) -> bytes:
    """Return the EPC of a tag that has no problem, in whole words of two bytes.

    The tag's partition is that of its company prefix; its fields must fit, as those of a decoded tag do.
    """
    assert tag.scheme
    assert tag.problem is None
    header = HEADERS[tag.scheme]
    scheme = SCHEMES[header]
    fields = [(header, HEADER_BITS)]
    if scheme.family == "gid":
        numbers = [*tag.reference.split("."), tag.serial or "0"]
        fields += [(int(number), width) for number, width in zip(numbers, GID_BITS, strict=True)]
    else:
        assert tag.filter is not None
        assert tag.company_prefix
        partition = next(at for at, (_, digits) in enumerate(PREFIXES) if digits == len(tag.company_prefix))
        prefix_bits, _ = PREFIXES[partition]
        fields += [(tag.filter, FILTER_BITS), (partition, PARTITION_BITS), (int(tag.company_prefix), prefix_bits)]
        if scheme.shared_bits:
            fields.append((int(tag.reference or 0), scheme.shared_bits - prefix_bits))
        if scheme.rest == "text":
            fields += [(ord(character), CHARACTER_BITS) for character in tag.serial or ""]
        elif scheme.rest == "number":
            fields.append((int(tag.serial or 0), scheme.bits - sum(width for _, width in fields)))
    return _packed(fields, scheme.bits)


def _packed(fields: list[tuple[int, int]], bits: int) -> bytes:
    value = used = 0
    for field, width in fields:
        assert 0 <= field < 1 << width
        value = value << width | field
        used += width
    whole = -(-bits // 16) * 16
    return (value << whole - used).to_bytes(whole // 8, "big")
