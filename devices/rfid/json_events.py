"""Tag reads as readers send them in JSON, read and rendered. No port and no clock.

Source: Impinj IoT device interface 1.x (event `tagInventory`), the same over HTTP and MQTT; Zebra IoT Connector for
fixed readers and its successor for sleds (event `dataEVT`), over MQTT.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, AwareDatetime, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from devices.rfid.interface import TagRead
from shared.model.strict import Tolerant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAYLOAD_BYTES_MAX = 256 * 1024  # readers batch some hundred tags
EPC_BYTES_MAX = 62  # 31 words are all that a PC word can tell
TAGS_MAX = 2_000  # in one payload


def from_hex(text: object) -> object:
    return bytes.fromhex(text) if isinstance(text, str) else text


def from_base64(text: object) -> object:
    """Read base64 in its form for addresses, with or without padding."""
    if not isinstance(text, str):
        return text
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as problem:
        raise ValueError("not base64") from problem


Hex = Annotated[bytes, BeforeValidator(from_hex), Field(max_length=EPC_BYTES_MAX)]
Base64 = Annotated[bytes, BeforeValidator(from_base64), Field(max_length=EPC_BYTES_MAX)]
AntennaPort = Annotated[int, Field(ge=0, le=255)]
SeenCount = Annotated[int, Field(ge=1, le=2**31)]


class ImpinjTag(Tolerant):
    model_config = ConfigDict(alias_generator=to_camel)

    epc: Base64 | None = None
    epc_hex: Hex | None = None
    tid_hex: Hex | None = None
    antenna_port: AntennaPort = 0
    peak_rssi_cdbm: Annotated[int, Field(ge=-20_000, le=10_000)] | None = None
    first_seen_time: AwareDatetime | None = None
    last_seen_time: AwareDatetime | None = None


class ImpinjEvent(Tolerant):
    """One event. Those without a tag are the reader's own affairs."""

    model_config = ConfigDict(alias_generator=to_camel)

    timestamp: AwareDatetime | None = None
    tag_inventory_event: ImpinjTag | None = None

    def reads(self) -> Iterator[TagRead | None]:
        """Yield the read, or None for a tag without an EPC."""
        if tag := self.tag_inventory_event:
            epc = tag.epc if tag.epc_hex is None else tag.epc_hex
            first = microseconds(tag.first_seen_time or tag.last_seen_time or self.timestamp)
            last = microseconds(tag.last_seen_time or self.timestamp)
            rssi_cdbm, tid = tag.peak_rssi_cdbm, tag.tid_hex or None
            yield None if epc is None else TagRead(epc, tag.antenna_port, rssi_cdbm, first, last, tid=tid)


class ZebraTag(Tolerant):
    epc: Hex | None = Field(None, validation_alias=AliasChoices("idHex", "EPCid", "EPC"))
    tid: Hex | None = Field(None, validation_alias="TID")
    pc: Hex | None = Field(None, validation_alias="PC")
    antenna: AntennaPort = 0
    peak_rssi_dbm: Annotated[float, Field(ge=-200, le=100)] | None = Field(None, validation_alias="peakRssi")
    reads: SeenCount = Field(1, validation_alias=AliasChoices("reads", "seenCount"))

    def read(self, at_us: int | None) -> TagRead | None:
        if self.epc is None:
            return None
        rssi_cdbm = None if self.peak_rssi_dbm is None else round(100 * self.peak_rssi_dbm)
        pc = int.from_bytes(self.pc) if self.pc else None
        return TagRead(self.epc, self.antenna, rssi_cdbm, at_us, at_us, self.reads, pc, self.tid or None)


class ZebraData(ZebraTag):
    """One tag, as fixed readers send it, or several."""

    tag_data: Annotated[tuple[ZebraTag, ...], Field(max_length=TAGS_MAX)] = Field((), validation_alias="tagData")


class ZebraEvent(Tolerant):
    """One event. Those about the reader's health have no tag."""

    type: str = ""
    timestamp: AwareDatetime | None = None
    data: ZebraData | None = None

    def reads(self) -> Iterator[TagRead | None]:
        """Yield the reads, None for each tag without an EPC."""
        at_us = microseconds(self.timestamp)
        if self.data and self.data.tag_data:
            yield from (tag.read(at_us) for tag in self.data.tag_data)
        elif self.data and self.data.epc is not None:
            yield self.data.read(at_us)


Dialect = Literal["impinj", "zebra"]
EVENT: dict[Dialect, TypeAdapter[Any]] = {"impinj": TypeAdapter(ImpinjEvent), "zebra": TypeAdapter(ZebraEvent)}
EVENTS: dict[Dialect, TypeAdapter[Any]] = {
    "impinj": TypeAdapter(Annotated[tuple[ImpinjEvent, ...], Field(max_length=TAGS_MAX)]),
    "zebra": TypeAdapter(Annotated[tuple[ZebraEvent, ...], Field(max_length=TAGS_MAX)]),
}


def parse_events(payload: bytes, dialect: Dialect) -> tuple[list[TagRead], int]:
    """Return the reads of one event or of a list of them, and how many could not be read."""
    if len(payload) > PAYLOAD_BYTES_MAX:
        return [], 1
    is_list = payload.lstrip()[:1] == b"["
    try:
        events = EVENTS[dialect].validate_json(payload) if is_list else (EVENT[dialect].validate_json(payload),)
    except ValidationError:
        return [], 1
    found = [read for event in events for read in event.reads()]
    reads = [read for read in found if read]
    return reads, len(found) - len(reads)


def microseconds(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // timedelta(microseconds=1)


def moment(us: int | None) -> str | None:
    return None if us is None else (EPOCH + timedelta(microseconds=us)).isoformat()


def render_impinj(read: TagRead) -> bytes:
    tag = {
        "epc": base64.urlsafe_b64encode(read.epc).decode(),
        "antennaPort": read.antenna,
        "peakRssiCdbm": read.rssi_cdbm,
        "lastSeenTime": moment(read.last_seen_us),
        "tidHex": read.tid.hex().upper() if read.tid else None,
    }
    event = {"timestamp": moment(read.last_seen_us), "eventType": "tagInventory", "tagInventoryEvent": told(tag)}
    return json.dumps(told(event)).encode()


def render_zebra(read: TagRead) -> bytes:
    tag = {
        "format": "epc",
        "idHex": read.epc.hex(),
        "antenna": read.antenna,
        "peakRssi": None if read.rssi_cdbm is None else read.rssi_cdbm / 100,
        "reads": read.seen_count,
        "PC": None if read.pc is None else f"{read.pc:04x}",
        "TID": read.tid.hex() if read.tid else None,
    }
    event = {"data": told(tag), "timestamp": moment(read.last_seen_us), "type": "SIMPLE"}
    return json.dumps(told(event)).encode()


def told(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value: readers leave out the others."""
    return {name: value for name, value in fields.items() if value is not None}


RENDER: dict[Dialect, Callable[[TagRead], bytes]] = {"impinj": render_impinj, "zebra": render_zebra}
