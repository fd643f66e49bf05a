"""A storm of RFID tags: from the reader's bytes to whoever takes the reads."""

import asyncio
import time

from devices.ports.tcp import TcpPort
from devices.rfid.hand_over import HandOver
from devices.rfid.interface import Inventory, TagRead
from devices.rfid.llrp import LlrpReader
from devices.rfid.llrp_codec import Message, MessageReader, MessageType, encode
from devices.rfid.llrp_reports import ReportReader, render_reports
from devices.rfid.simulated import SimulatedReader
from devices.rfid.window import TAGS_MAX, Window
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import by_turns, p50, p99

READS_A_SECOND, LATE_MS = 100_000, 20.0  # the limits: on one core, and from report to consumer
STORM_A_SECOND = 6_000
STORM_S = 0.4  # in a turn
TICK_S = 0.01  # so often the antennas see a new crowd
CROWD = 10_000  # reads, in a turn
KNOWN = CROWD // 2  # half of them are of tags that were read before
TOGETHER = 4  # reads in a message: readers under load report some at once
SEGMENT_BYTES = 4_096  # what a port reads at once


def measure(rounds: int) -> list[Row]:
    """Decode on one core, in its own time; and time real reads on their way through a socket."""
    stream = b"".join(
        encode(Message(MessageType.RO_ACCESS_REPORT, first, render_reports(map(tag, range(first, first + TOGETHER)))))
        for first in range(0, CROWD, TOGETHER)
    )
    found = by_turns(
        rounds,
        {
            "decode": lambda _: [asyncio.run(decode(stream))],
            "storm": lambda _: asyncio.run(storm()),
        },
    )
    decode_ns = [p50(samples) for samples in found["decode"]]
    late_ms = [p99(samples) for samples in found["storm"]]
    limit_ns = 1e9 / READS_A_SECOND
    return [
        Row(
            "RFID read decoded, merged, handed over",
            "ns",
            decode_ns,
            f"{READS_A_SECOND:,} reads/s on one core",
            [limit_ns] * rounds,
            1.0,
        ),
        Row(
            f"RFID report → consumer at {STORM_A_SECOND:,}/s, p99",
            "ms",
            late_ms,
            f"{LATE_MS:g} ms",
            [LATE_MS] * rounds,
            1.0,
        ),
    ]


def tag(number: int) -> TagRead:
    """Return a read: of goods, and every tenth of a stray or of a tag that nobody programmed."""
    body = (number % KNOWN).to_bytes(10)
    header = b"\xe2\x80" if number % 10 == 0 else b"\x30\x74"
    return TagRead(header + body, 1 + number % 4, -5_200, number, number, 1, 0x3000)


async def decode(stream: bytes) -> float:
    """Return nanoseconds of this core for each read."""
    messages, reports, hand_over = MessageReader(), ReportReader(), HandOver(Window(1e-6))
    taken = 0
    begin_ns = time.thread_time_ns()
    for at in range(0, len(stream), SEGMENT_BYTES):
        for message in messages.feed(stream[at : at + SEGMENT_BYTES]):
            hand_over.put(*reports.parse(message.body))
        taken += sum(read.seen_count for read in (await hand_over.take()).reads)
    spent_ns = time.thread_time_ns() - begin_ns
    assert taken == CROWD
    return spent_ns / CROWD


async def storm() -> list[float]:
    """Return for each read the milliseconds from its report to its consumer, through a real socket."""
    count = round(STORM_A_SECOND * STORM_S)
    assert count < TAGS_MAX
    late_ms: list[float] = []
    async with SimulatedReader() as table:
        reader = LlrpReader(TcpPort(table.host, table.port), Inventory())
        await reader.open()
        await reader.start()
        blowing = asyncio.create_task(_blow(table, count))
        while len(late_ms) < count:
            told = await reader.read()
            now_us = time.monotonic_ns() // 1_000
            assert told.dropped == told.unreadable == 0
            late_ms += [(now_us - read.first_seen_us) / 1_000 for read in told.reads if read.first_seen_us]
        await blowing
        await reader.close()
    return late_ms


async def _blow(table: SimulatedReader, count: int) -> None:
    """Show a crowd of tags on every tick of the clock, each with the moment in which it is reported."""
    loop = asyncio.get_running_loop()
    begin_s = loop.time()
    shown = 0
    while shown < count:
        await asyncio.sleep(TICK_S)
        due = min(count, round((loop.time() - begin_s) * STORM_A_SECOND))
        now_us = time.monotonic_ns() // 1_000
        crowd = [TagRead(number.to_bytes(12), 1, -5_200, now_us, now_us, 1, 0x3000) for number in range(shown, due)]
        await table.show(crowd)
        shown = due
