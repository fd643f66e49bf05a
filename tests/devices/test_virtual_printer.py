"""The virtual printer itself: it must not flatter the driver."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from devices.printers.simulated import BUFFER_BYTES_MAX, VirtualPrinter

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def table() -> AsyncIterator[VirtualPrinter]:
    async with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
async def line(table: VirtualPrinter) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection(table.host, table.port)
    yield reader, writer
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def answer(line: Line, sent: bytes, length: int) -> bytes:
    line[1].write(sent)
    return await asyncio.wait_for(line[0].readexactly(length), timeout=1)


async def test_a_process_id_is_answered_only_after_the_content_before_it(table: VirtualPrinter, line: Line) -> None:
    table.paper_out()
    status = await answer(line, b"text\n\x1dV\x00\x1d(H\x06\x0000abcd\x10\x04\x04", 1)
    assert status[0] & 0x60  # the real-time answer overtakes the content
    assert table.receipts == []

    table.load_paper()

    assert await answer(line, b"", 7) == b"\x37\x22abcd\x00"
    assert table.receipts[0].process_id == "abcd"


async def test_a_real_time_command_inside_an_image_is_obeyed(table: VirtualPrinter, line: Line) -> None:
    assert await answer(line, b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01\x1dV\x00", 1) == b"\x12"
    assert (await answer(line, b"\x1dr\x01", 1)) == b"\x00"

    assert table.receipts[0].rasters[0].dots == b"\x10\x04\x01"


async def test_what_was_half_printed_at_power_off_is_torn(table: VirtualPrinter, line: Line) -> None:
    await answer(line, b"half a rec\x10\x04\x01", 1)

    await table.power_off()

    assert table.receipts == []
    assert [receipt.text for receipt in table.torn] == ["half a rec"]


async def test_the_buffer_is_lost_at_power_off(table: VirtualPrinter, line: Line) -> None:
    table.paper_out()
    await answer(line, b"text\n\x1dV\x00\x10\x04\x01", 1)

    await table.power_off()
    table.load_paper()
    await table.power_on()

    assert table.receipts == []
    assert table.torn == []


async def test_a_printer_with_a_full_buffer_reads_no_more(table: VirtualPrinter, line: Line) -> None:
    table.paper_out()
    reader, writer = line
    writer.write(b"x" * (BUFFER_BYTES_MAX + 1024))
    await writer.drain()
    writer.write(b"\x10\x04\x01")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), timeout=0.1)
    table.load_paper()

    assert await asyncio.wait_for(reader.read(1), timeout=1) == b"\x12"


async def test_a_command_it_does_not_know_is_held_against_the_driver(table: VirtualPrinter, line: Line) -> None:
    await answer(line, b"a\x1bzb\n\x1dV\x00\x1dr\x01", 1)

    assert table.receipts[0].unknown == ("1b7a",)
    assert table.receipts[0].text == "ab"


async def test_a_receipt_can_be_written_as_json(table: VirtualPrinter, line: Line) -> None:
    await answer(line, b"\x1ba\x01Shop\n\x1ba\x00Milk\n\x1dV\x00\x1dr\x01", 1)

    receipt = json.loads(json.dumps(table.receipts[0].to_json()))

    assert receipt["text"].splitlines() == ["Shop".center(42).rstrip(), "Milk"]
    assert receipt["cut"] is True


async def test_who_asked_for_it_is_told_each_change_until_the_next_reset(table: VirtualPrinter, line: Line) -> None:
    assert await answer(line, b"\x1da\xff", 4) == b"\x10\x00\x00\x0f"

    table.paper_out()
    assert await answer(line, b"", 4) == b"\x18\x00\x0f\x0f"
    table.cover_open()
    assert await answer(line, b"", 4) == b"\x38\x00\x0f\x0f"
    table.close_cover()
    table.load_paper()
    assert (await answer(line, b"", 8))[4:] == b"\x10\x00\x00\x0f"

    assert await answer(line, b"\x1b@\x1dr\x01", 1) == b"\x00"
    table.paper_near_end()
    assert await answer(line, b"\x1dr\x01", 1) == b"\x03"


async def test_a_barcode_is_read_from_its_commands(table: VirtualPrinter, line: Line) -> None:
    bars = b"\x1dkI\x0a{Bab{{{C\x0c\x22" + b"\x1dkC\x0d4006381333931" + b"\x1dk\x044711\x00"

    await answer(line, bars + b"\x1dr\x01", 1)

    assert table.receipts[0].barcodes == ("ab{1234", "4006381333931")
    assert table.receipts[0].unknown == ("1d6b043437313100",)  # the older function is not ours
