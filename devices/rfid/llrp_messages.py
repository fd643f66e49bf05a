"""The bodies of the LLRP messages that set a reader up, and what its answers say. No port and no clock.

Source: EPCglobal Low Level Reader Protocol 1.0.1, sections 10 to 15 and 16.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from devices.errors import DeviceGarbled
from devices.rfid.interface import Inventory
from devices.rfid.llrp_codec import Parameter, parameters, tlv

U8, U16, U32 = Struct(">B"), Struct(">H"), Struct(">I")
POWER_STEP = Struct(">Hh")  # index, hundredths of a dBm
ROSPEC_ID = 1  # the only one: opening deletes all others
ACCESSSPEC_ID = 1  # likewise
EPC_BANK, TID_BANK = 1, 2  # of a tag's memory
TID_WORDS = 6  # all chips with a serial number in their TID have at least these 96 bits
ALL = 0  # of antennas, of ROSpecs, of a reader's capabilities
YES = U8.pack(0x80)  # a flag that stands alone in its byte
REPORT_BUFFER_EVENTS = 3  # one of the kinds of events that can be asked for
GEN2 = 1  # EPCglobal Class 1 Generation 2, the air protocol of all our tags
AFTER_EACH_READ = 1  # N of a report: who waits for more would wait for ever at a quiet gate

# Of a report: antenna, strongest signal, first and last time, count; and the tag's PC word.
REPORT_CONTENT = U16.pack(0x1000 | 0x0400 | 0x0200 | 0x0100 | 0x0080)
PC_BITS = U8.pack(0x40)


class Part(IntEnum):
    """The types of the parameters that messages are made of, by what they say."""

    UTC = 128
    GENERAL_CAPABILITIES = 137
    REGULATORY_CAPABILITIES = 143
    UHF_BAND = 144
    POWER_STEP = 145
    ROSPEC = 177
    RO_BOUNDARY = 178
    RO_START = 179
    RO_STOP = 182
    AI_SPEC = 183
    AI_STOP = 184
    INVENTORY = 186
    ACCESSSPEC = 207
    ACCESS_STOP = 208
    ACCESS_COMMAND = 209
    IDENTIFICATION = 218
    KEEPALIVE = 220
    ANTENNA = 222
    RF_TRANSMITTER = 224
    EVENTS_AND_REPORTS = 226
    RO_REPORT = 237
    REPORT_CONTENT = 238
    ACCESS_REPORT = 239
    EVENT_STATES = 244
    EVENT_STATE = 245
    EVENT_DATA = 246
    STATUS = 287
    GEN2_COMMAND = 330
    GEN2_SINGULATION = 336
    GEN2_TAGS = 338
    GEN2_TARGET = 339
    GEN2_READ = 341
    GEN2_CONTENT = 348


class Event(IntEnum):
    """What readers report of themselves, as far as we act on it; by parameter."""

    REPORT_BUFFER_OVERFLOW = 251
    CONNECTION_ATTEMPT = 256
    CONNECTION_CLOSE = 257


EVENTS = frozenset(Event)


class Attempt(IntEnum):
    """How an attempt to connect ended."""

    SUCCESS = 0
    READER_HAS_A_CLIENT = 1  # it connected by itself
    ANOTHER_CLIENT_IS_FIRST = 2
    FAILED = 3
    ANOTHER_CLIENT_TRIED = 4  # while we are connected: nothing to us


@dataclass(frozen=True, slots=True)
class Status:
    """How a request ended."""

    code: int  # 0: done
    text: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a reader can do."""

    antennas: int
    power_steps_cdbm: Mapping[int, int]  # by index
    model: str  # the maker's number (IANA) and its own of the model, and its firmware


def parse_status(body: bytes) -> Status:
    """Read the status of an answer. Raises DeviceGarbled when there is none."""
    for parameter in parameters(body):
        if parameter.type == Part.STATUS and len(parameter.body) >= 4:
            (code,) = U16.unpack_from(parameter.body)
            return Status(code, _text(parameter.body, 2))
    raise DeviceGarbled(problem="an answer without a status")


def parse_event(body: bytes) -> dict[Event, int]:
    """Return what a READER_EVENT_NOTIFICATION tells: the first number of each event that we know, else 0."""
    found = {}
    for data in parameters(body):
        if data.type == Part.EVENT_DATA:
            for event in parameters(data.body):
                if event.type in EVENTS:
                    has_number = len(event.body) >= 2
                    found[Event(event.type)] = U16.unpack_from(event.body)[0] if has_number else 0
    return found


def parse_capabilities(body: bytes) -> Capabilities:
    """Read the answer about capabilities. What a reader does not tell is 0 antennas and no power steps."""
    antennas, model = 0, ""
    steps: dict[int, int] = {}
    for parameter in parameters(body):
        if parameter.type == Part.GENERAL_CAPABILITIES and len(parameter.body) >= 14:
            (antennas,) = U16.unpack_from(parameter.body)
            maker, product = U32.unpack_from(parameter.body, 4)[0], U32.unpack_from(parameter.body, 8)[0]
            model = f"{maker}/{product} {_text(parameter.body, 12)}"
        elif parameter.type == Part.REGULATORY_CAPABILITIES:
            for band in parameters(parameter.body, start=4):  # behind the country and the standard
                if band.type == Part.UHF_BAND:
                    steps |= dict(_power_step(step) for step in parameters(band.body) if step.type == Part.POWER_STEP)
    return Capabilities(antennas, steps, model)


def _power_step(step: Parameter) -> tuple[int, int]:
    if len(step.body) != POWER_STEP.size:
        raise DeviceGarbled(problem="a power step of another size")
    index, power_cdbm = POWER_STEP.unpack(step.body)
    return index, power_cdbm


def parse_identity(body: bytes) -> str | None:
    """Read the reader's identity out of its configuration: its MAC address or EPC, in hex."""
    for parameter in parameters(body):
        if parameter.type == Part.IDENTIFICATION and len(parameter.body) >= 3:
            (length,) = U16.unpack_from(parameter.body, 1)
            return parameter.body[3 : 3 + length].hex()
    return None


def _text(body: bytes, start: int) -> str:
    (length,) = U16.unpack_from(body, start)
    return body[start + U16.size : start + U16.size + length].decode(errors="replace")


def ask_capabilities() -> bytes:
    return U8.pack(ALL)


def ask_identity() -> bytes:
    """The body that asks for the part of the configuration (1) that tells who the reader is."""
    return U16.pack(ALL) + U8.pack(1) + U16.pack(ALL) + U16.pack(ALL)


def set_config(keepalive_ms: int) -> bytes:
    """The body that asks for a sign of life every so often, and to be told when reports are lost."""
    keepalive = tlv(Part.KEEPALIVE, U8.pack(1), U32.pack(keepalive_ms))
    losses_told = tlv(Part.EVENT_STATE, U16.pack(REPORT_BUFFER_EVENTS), YES)
    nothing_held_back = tlv(Part.EVENTS_AND_REPORTS, U8.pack(0))
    return U8.pack(0) + tlv(Part.EVENT_STATES, losses_told) + keepalive + nothing_held_back


def add_rospec(inventory: Inventory, power_index: int | None) -> bytes:
    """The body that says how to look for tags: from START_ROSPEC to STOP_ROSPEC, each read reported at once.

    power_index: into the reader's own table, None for its present power.
    """
    boundary = tlv(Part.RO_BOUNDARY, tlv(Part.RO_START, U8.pack(0)), tlv(Part.RO_STOP, U8.pack(0), U32.pack(0)))
    antennas = inventory.antennas or (ALL,)
    # Hop table and channel are the reader's first; which of the two holds is a matter of the country.
    transmitter = b""
    if power_index is not None:
        transmitter = tlv(Part.RF_TRANSMITTER, U16.pack(1), U16.pack(1), U16.pack(power_index))
    population = U16.pack(inventory.tag_population)
    singulation = tlv(Part.GEN2_SINGULATION, U8.pack(inventory.session << 6), population, U32.pack(0))
    command = tlv(Part.GEN2_COMMAND, U8.pack(0), singulation)
    looks = [tlv(Part.ANTENNA, U16.pack(antenna), transmitter, command) for antenna in antennas]
    search = tlv(
        Part.AI_SPEC,
        U16.pack(len(antennas)),
        *map(U16.pack, antennas),
        tlv(Part.AI_STOP, U8.pack(0), U32.pack(0)),
        tlv(Part.INVENTORY, U16.pack(1), U8.pack(GEN2), *looks),
    )
    content = tlv(Part.REPORT_CONTENT, REPORT_CONTENT, tlv(Part.GEN2_CONTENT, PC_BITS))
    report = tlv(Part.RO_REPORT, U8.pack(1), U16.pack(AFTER_EACH_READ), content)
    return tlv(Part.ROSPEC, U32.pack(ROSPEC_ID), U8.pack(0), U8.pack(0), boundary, search, report)


def add_accessspec() -> bytes:
    """The body that has the TID of every tag read that is found, and reported with its EPC."""
    every_tag = tlv(Part.GEN2_TARGET, U8.pack(EPC_BANK << 6 | 0x20), U16.pack(0), U16.pack(0), U16.pack(0))
    read = tlv(Part.GEN2_READ, U16.pack(1), U32.pack(0), U8.pack(TID_BANK << 6), U16.pack(0), U16.pack(TID_WORDS))
    return tlv(
        Part.ACCESSSPEC,
        U32.pack(ACCESSSPEC_ID),
        U16.pack(ALL),
        U8.pack(GEN2),
        U8.pack(0),
        U32.pack(ROSPEC_ID),
        tlv(Part.ACCESS_STOP, U8.pack(0), U16.pack(0)),
        tlv(Part.ACCESS_COMMAND, tlv(Part.GEN2_TAGS, every_tag), read),
        tlv(Part.ACCESS_REPORT, U8.pack(0)),
    )


def spec(id_: int) -> bytes:
    """The body of messages that only name a ROSpec or an AccessSpec."""
    return U32.pack(id_)


def render_status(status: Status) -> bytes:
    text = status.text.encode()
    return tlv(Part.STATUS, U16.pack(status.code), U16.pack(len(text)), text)


def render_event(event: Event, number: int, now_us: int) -> bytes:
    """Return the body of a READER_EVENT_NOTIFICATION. now_us: the reader's time, microseconds since 1970."""
    told = U16.pack(number) if event is Event.CONNECTION_ATTEMPT else b""
    return tlv(Part.EVENT_DATA, tlv(Part.UTC, Struct(">Q").pack(now_us)), tlv(event, told))


def render_capabilities(antennas: int, power_steps_cdbm: Mapping[int, int]) -> bytes:
    """Return the parameters that an answer about capabilities has behind its status."""
    maker_and_model, firmware = bytes(8), b"1.0"
    size = U16.pack(len(firmware))
    general = tlv(Part.GENERAL_CAPABILITIES, U16.pack(antennas), U16.pack(0x4000), maker_and_model, size, firmware)
    steps = [tlv(Part.POWER_STEP, POWER_STEP.pack(*step)) for step in power_steps_cdbm.items()]
    return general + tlv(Part.REGULATORY_CAPABILITIES, U16.pack(0), U16.pack(0), tlv(Part.UHF_BAND, *steps))


def render_identity(identity: bytes) -> bytes:
    return tlv(Part.IDENTIFICATION, U8.pack(0), U16.pack(len(identity)), identity)
