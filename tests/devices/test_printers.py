"""What every printer promises. Each driver runs this suite; the virtual printer plays its part on the table."""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import replace
from typing import Literal

import pytest

from devices.errors import (
    DeviceDisconnected,
    DeviceSilent,
    OutcomeUnknown,
    PrinterCoverOpen,
    PrinterOutOfPaper,
)
from devices.printers.escpos import HEAD_BYTES_MAX, NULS, EscposPrinter, Patience
from devices.printers.escpos_render import render
from devices.printers.interface import PrinterStatus, PrintJob
from devices.printers.simulated import VirtualPrinter
from devices.printers.simulated_cable import SimulatedCable
from shared.receipts.lines import PrintLine

STATUS_BYTES = 9  # what asking for the status sends before a job
# On a new link the printer is asked to tell changes, too, and whatever it waits for is ended.
FIRST_BYTES = HEAD_BYTES_MAX + 3 + STATUS_BYTES + len(NULS)

JOB = PrintJob("order-1", (PrintLine("Milk                                  1.19"),), qr="https://example.test/r/1")
LONG_JOB = PrintJob("order-2", tuple(PrintLine(f"line {number:_<30}") for number in range(4_000)), qr=None)


def back_again(cable: SimulatedCable | None) -> AbstractAsyncContextManager[None]:
    """Wait at the end until the printer can be reached again; over a network it can as soon as it is on."""
    return cable.replugged() if cable else nullcontext()


async def test_a_printed_job_is_on_paper_when_print_job_returns(table: VirtualPrinter, printer: EscposPrinter) -> None:
    await printer.print_job(JOB)

    (receipt,) = table.receipts
    assert receipt.text == JOB.lines[0].text
    assert receipt.qrs == (JOB.qr,)
    assert receipt.is_cut
    assert receipt.unknown == ()
    assert table.torn == []


async def test_jobs_keep_their_order_when_asked_for_at_once(table: VirtualPrinter, printer: EscposPrinter) -> None:
    jobs = [PrintJob(f"order-{number}", (PrintLine(f"No. {number}"),), qr=None) for number in range(5)]

    await asyncio.gather(*(printer.print_job(job) for job in jobs))

    assert [receipt.text for receipt in table.receipts] == [f"No. {number}" for number in range(5)]


async def test_an_uncut_job_is_confirmed_too(table: VirtualPrinter, printer: EscposPrinter) -> None:
    await printer.print_job(PrintJob("order-3", (PrintLine("no knife"),), qr=None, cut=False))

    assert [(receipt.text, receipt.is_cut) for receipt in table.receipts] == [("no knife", False)]


async def test_a_printer_without_paper_gets_nothing_and_prints_when_asked_again(
    table: VirtualPrinter, printer: EscposPrinter
) -> None:
    table.paper_out()
    with pytest.raises(PrinterOutOfPaper):
        await printer.print_job(JOB)
    table.load_paper()
    assert table.receipts == []

    await printer.print_job(JOB)

    assert len(table.receipts) == 1


@pytest.mark.parametrize("after_s", [0.0, 0.02])
async def test_answers_that_come_twice_say_what_they_said_once(
    table: VirtualPrinter, printer: EscposPrinter, after_s: float
) -> None:
    table.repeats_after_s = after_s
    table.drawer_is_open = True  # read in another place, this bit is an open cover
    await printer.print_job(JOB)
    for _ in range(3):
        await asyncio.sleep(2 * after_s)
        assert await printer.status() == PrinterStatus(True, "ok", False, False, True)

    table.paper_out()

    assert (await printer.status()).paper == "out"
    with pytest.raises(PrinterOutOfPaper):
        await printer.print_job(JOB)
    assert len(table.receipts) == 1


async def test_a_printer_with_an_open_cover_gets_nothing(table: VirtualPrinter, printer: EscposPrinter) -> None:
    table.cover_open()
    with pytest.raises(PrinterCoverOpen):
        await printer.print_job(JOB)
    table.close_cover()

    assert (await printer.status()).online
    assert table.receipts == []


async def test_a_link_cut_in_the_middle_leaves_the_outcome_unknown(
    table: VirtualPrinter, cable: SimulatedCable | None, printer: EscposPrinter
) -> None:
    async with back_again(cable):
        table.cut_link(after_bytes=FIRST_BYTES + 40)
        with pytest.raises(OutcomeUnknown):
            await printer.print_job(JOB)
    assert table.receipts == []

    await printer.print_job(JOB)

    assert len(table.receipts) == 1
    assert [receipt.lines[0].text[:4] for receipt in table.torn] == ["Milk"]


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.97])
async def test_what_a_lost_daemon_left_half_said_spoils_no_receipt(
    table: VirtualPrinter, cable: SimulatedCable | None, printer: EscposPrinter, part: float
) -> None:
    """A printer on USB waits for the rest of an image for as long as it has power."""
    job = PrintJob("order-1", (PrintLine("Milk"), PrintLine("שלום עולם"), PrintLine("Bread")), qr=JOB.qr)
    await printer.print_job(job)
    content = render(job, printer.profile)
    half = content[: round(part * len(content))]
    await printer.port.write(half, timeout_s=1.0)
    await printer.close()

    await printer.print_job(job)

    first, *_, last = table.receipts
    assert replace(last, unknown=()) == first


async def test_a_frozen_printer_is_silent_and_got_nothing(table: VirtualPrinter, printer: EscposPrinter) -> None:
    table.freeze()
    with pytest.raises(DeviceSilent):
        await printer.print_job(JOB)
    table.thaw()
    await printer.print_job(JOB)

    assert len(table.receipts) == 1


async def test_a_printer_that_freezes_in_the_middle_leaves_the_outcome_unknown(
    table: VirtualPrinter, printer: EscposPrinter
) -> None:
    table.freeze(after_bytes=FIRST_BYTES + 10)

    with pytest.raises(OutcomeUnknown):
        await printer.print_job(JOB)

    assert table.receipts == []


async def test_a_printer_that_stops_reading_does_not_stop_the_daemon(
    table: VirtualPrinter, printer: EscposPrinter
) -> None:
    table.freeze(after_bytes=FIRST_BYTES + 1)
    printing = asyncio.create_task(printer.print_job(LONG_JOB))
    turns_while_frozen = 0
    while not printing.done():
        await asyncio.sleep(0.005)
        turns_while_frozen += table.is_frozen

    with pytest.raises(OutcomeUnknown):
        await printing
    assert turns_while_frozen > 5  # a blocking send leaves no turn to anybody


async def test_paper_that_runs_out_in_the_middle_leaves_the_outcome_unknown(
    table: VirtualPrinter, printer: EscposPrinter
) -> None:
    await printer.status()
    table.freeze(after_bytes=STATUS_BYTES + len(NULS))
    printing = asyncio.create_task(printer.print_job(JOB))
    await asyncio.sleep(0.1)
    table.paper_out()
    table.thaw()

    with pytest.raises(OutcomeUnknown):
        await printing
    table.load_paper()

    assert [receipt.text for receipt in table.receipts] == [JOB.lines[0].text]  # by itself, on the new roll


async def test_a_printer_switched_off_is_disconnected_and_prints_again_when_it_is_back(
    table: VirtualPrinter, cable: SimulatedCable | None, printer: EscposPrinter
) -> None:
    await printer.print_job(JOB)
    async with back_again(cable):
        await table.power_off()
        with pytest.raises(DeviceDisconnected):
            await printer.print_job(JOB)
        await table.power_on()

    await printer.print_job(JOB)

    assert len(table.receipts) == 2


async def test_a_link_lost_between_jobs_is_made_anew_without_a_word(
    table: VirtualPrinter, cable: SimulatedCable | None, printer: EscposPrinter
) -> None:
    await printer.print_job(JOB)
    async with back_again(cable):
        table.cut_link()

    await printer.print_job(JOB)

    assert len(table.receipts) == 2


async def test_the_drawer_is_kicked_once(table: VirtualPrinter, printer: EscposPrinter) -> None:
    await printer.kick_drawer()

    assert table.drawer_kicks == 1
    assert (await printer.status()).drawer_open
    assert table.receipts == []


async def test_a_kick_that_the_printer_would_keep_for_later_is_refused(
    table: VirtualPrinter, printer: EscposPrinter
) -> None:
    table.paper_out()
    with pytest.raises(PrinterOutOfPaper):
        await printer.kick_drawer()
    table.load_paper()
    await printer.status()

    assert table.drawer_kicks == 0


async def test_the_status_says_what_the_printer_says(table: VirtualPrinter, printer: EscposPrinter) -> None:
    good = await printer.status()
    table.paper_near_end()
    near_end = await printer.status()
    table.cover_open()
    table.paper_out()
    bad = await printer.status()

    assert good == PrinterStatus(True, "ok", cover_open=False, error=False, drawer_open=False)
    assert near_end == PrinterStatus(True, "near_end", cover_open=False, error=False, drawer_open=False)
    assert bad == PrinterStatus(False, "out", cover_open=True, error=False, drawer_open=False)


async def test_a_change_is_told_within_a_moment(table: VirtualPrinter, printer: EscposPrinter) -> None:
    await printer.status()
    await told(printer)  # what the printer says when it is asked to tell

    for change in (table.paper_near_end, table.paper_out, table.cover_open, table.close_cover, table.load_paper):
        changed = asyncio.create_task(printer.changed())
        await asyncio.sleep(0.01)
        assert not changed.done()
        change()
        async with asyncio.timeout(1):
            await changed


async def test_a_printer_is_listened_to_after_a_job_too(table: VirtualPrinter, printer: EscposPrinter) -> None:
    await printer.print_job(JOB)
    await told(printer)

    table.cover_open()
    async with asyncio.timeout(1):
        await printer.changed()

    assert (await printer.status()).cover_open


async def test_who_listens_holds_nobody_up_and_takes_no_answer(table: VirtualPrinter, printer: EscposPrinter) -> None:
    await printer.status()
    await told(printer)
    listening = asyncio.create_task(printer.changed())
    await asyncio.sleep(0.01)

    await asyncio.gather(printer.print_job(JOB), printer.status(), printer.kick_drawer())
    listening.cancel()

    assert len(table.receipts) == 1
    assert table.drawer_kicks == 1


async def test_a_link_that_is_lost_while_nothing_prints_is_noticed(
    table: VirtualPrinter, cable: SimulatedCable | None, printer: EscposPrinter
) -> None:
    await printer.status()
    await told(printer)
    async with back_again(cable):
        changed = asyncio.create_task(printer.changed())
        await asyncio.sleep(0.01)
        table.cut_link()
        async with asyncio.timeout(1):
            await changed

    assert (await printer.status()).online


async def test_a_printer_that_tells_nothing_can_be_asked(table: VirtualPrinter, printer: EscposPrinter) -> None:
    table.tells_changes = False
    await printer.status()
    await told(printer)

    table.paper_out()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await printer.changed()

    assert (await printer.status()).paper == "out"


async def told(printer: EscposPrinter) -> None:
    """Let news that are on their way arrive."""
    with suppress(TimeoutError):
        while True:
            async with asyncio.timeout(0.05):
                await printer.changed()


@pytest.mark.parametrize(
    "text",
    [
        "Käse Brötchen Größe ñ ç å ø",
        "Σύνολο 12,50 €",
        "Ευχαριστούμε",
        "Żółć ąę",
        "Сметана",
        "Café Σύνολο Сыр €",  # no single code page
    ],
)
async def test_letters_arrive_as_they_were_meant(text: str, table: VirtualPrinter, printer: EscposPrinter) -> None:
    await printer.print_job(PrintJob("order-4", (PrintLine(text),), qr=None))

    assert table.receipts[0].text == text
    assert table.receipts[0].unknown == ()


@pytest.mark.parametrize(("style", "room"), [("plain", 42), ("large", 21)])
async def test_a_long_line_goes_on_in_the_next_and_loses_no_letter(
    style: Literal["plain", "large"], room: int, table: VirtualPrinter, printer: EscposPrinter
) -> None:
    text = "word " * 30 + "x" * 100
    await printer.print_job(PrintJob("order-5", (PrintLine(text, style),), qr=None))

    lines = [line.text for line in table.receipts[0].lines]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(len, lines)) == room
    assert lines[0] == ("word " * 30)[: room - room % 5].rstrip()  # broken at a space


async def test_styles_reach_the_paper_and_do_not_leak_into_the_next_line(
    table: VirtualPrinter, printer: EscposPrinter
) -> None:
    lines = (PrintLine("a", "large"), PrintLine("b", "bold"), PrintLine("c", "centred"), PrintLine("d"))
    await printer.print_job(PrintJob("order-6", lines, qr=None))

    printed = [(line.text, line.bold, line.wide, line.tall, line.align) for line in table.receipts[0].lines]
    assert printed == [
        ("a", False, True, True, "left"),
        ("b", True, False, False, "left"),
        ("c", False, False, False, "centre"),
        ("d", False, False, False, "left"),
    ]


async def test_a_long_job_is_printed_whole(table: VirtualPrinter, printer: EscposPrinter) -> None:
    printer.patience = Patience()

    await printer.print_job(LONG_JOB)

    assert [line.text for line in table.receipts[0].lines] == [line.text for line in LONG_JOB.lines]
