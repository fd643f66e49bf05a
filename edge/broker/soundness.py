"""Whether a client's packet is what MQTT says it is, asked before the broker reads it: amqtt loses its place in one
that is not, takes the rest of it for the next, and its client waits for ever.

Source: MQTT 3.1.1, sections 1.5.3, 2.2.2 and 3.3 to 3.14.
"""

from edge.broker.connect import Fields

PUBLISH, PUBREL, SUBSCRIBE, UNSUBSCRIBE = 0x30, 0x62, 0x82, 0xA2  # with the flags that must be with them
ACKNOWLEDGEMENTS = {0x40, 0x50, PUBREL, 0x70}
BARE = {0xC0, 0xE0}  # a ping, a goodbye
KIND, QUALITY = 0xF0, 0x06
QUALITY_MAX = 2
HEADER_BYTES_MAX = 5
FILTERS_AT_ONCE_MAX = 1_000  # ten times what a client may have; stock clients send their filters one by one


def body_of(packet: bytes) -> memoryview:
    """Return what follows the fixed header of a whole packet."""
    header_bytes = next(end for end in range(2, HEADER_BYTES_MAX + 1) if packet[end - 1] < 0x80)
    return memoryview(packet)[header_bytes:]


def is_sound(packet: bytes) -> bool:
    """Tell whether a whole packet is one that a client may send after its CONNECT."""
    first, body = packet[0], body_of(packet)
    if first in ACKNOWLEDGEMENTS:
        return len(body) == 2
    if first in BARE:
        return not body
    try:
        fields = Fields(body)
        if first & KIND == PUBLISH:
            return _is_message(fields, (first & QUALITY) >> 1)
        return first in {SUBSCRIBE, UNSUBSCRIBE} and _are_filters(fields, with_quality=first == SUBSCRIBE)
    except (ValueError, IndexError):
        return False


def _is_message(fields: Fields, quality: int) -> bool:
    return bool(fields.text()) and quality <= QUALITY_MAX and (quality == 0 or fields.number() > 0)


def _are_filters(fields: Fields, *, with_quality: bool) -> bool:
    if fields.number() == 0:
        return False
    for _ in range(FILTERS_AT_ONCE_MAX):
        if not fields.text() or (with_quality and fields.byte() > QUALITY_MAX):
            return False
        if not fields.rest:
            return True
    return False
