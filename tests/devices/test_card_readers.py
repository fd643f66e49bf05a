"""What every card reader promises: with a simulated slot, and with a real pcscd where one can run."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.card_readers.interface import Card
from devices.card_readers.ndef import TextRecord, UriRecord
from devices.card_readers.pcsc import UNREAD_CARDS_MAX, PcscReader
from devices.card_readers.simulated import SimulatedCard, SimulatedSlot
from devices.card_readers.tag import OK, read_card
from devices.errors import DeviceDisconnected, DeviceGarbled, DriverMissing, UnreadableCard
from devices.ports.smartcard import PcscSlot
from tests.devices.recorded import frames
from tests.devices.virtual_pcscd import READER, VirtualPcscd, what_is_missing

UID = bytes.fromhex("04A1B2C3D4E580")
WRITTEN = (UriRecord("https://www.example.com/01/09521234543213"), TextRecord("καλημέρα " * 20, "el"))
PATIENCE_S = 10.0


@pytest.mark.parametrize("recorded", frames("card_readers", "pcsc"), ids=lambda recorded: recorded["source"])
def test_a_recorded_card_is_read_or_refused(recorded: dict[str, Any]) -> None:
    answers = {bytes.fromhex(apdu): bytes.fromhex(response) for apdu, response in recorded["dialogue"]}
    if recorded["card"] is None:
        with pytest.raises(DeviceGarbled):
            read_card(b"", answers.__getitem__)
        return

    card = read_card(b"", answers.__getitem__)

    assert [card.uid, [each.uri for each in card.records if isinstance(each, UriRecord)]] == recorded["card"]


@dataclass
class SimulatedTable:
    """A simulated slot with the same hands as the real one."""

    slot: SimulatedSlot

    async def insert(self, card: SimulatedCard) -> None:
        self.slot.insert(card)

    async def pull(self) -> None:
        self.slot.pull()

    async def stop(self) -> None:
        self.slot.unplug()

    async def start(self) -> None:
        self.slot.plug()


@dataclass
class Table:
    """A reader, and what somebody does at it."""

    hands: SimulatedTable | VirtualPcscd
    reader: PcscReader

    async def read(self) -> Card | UnreadableCard:
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.read()

    async def insert(self, card: SimulatedCard) -> None:
        await self.hands.insert(card)

    async def pull(self) -> None:
        """Pull the card and leave the reader time to notice: pcscd looks every 0.4 s."""
        await self.hands.pull()
        await asyncio.sleep(0.05 if isinstance(self.hands, SimulatedTable) else 1.0)


@pytest.fixture(scope="session")
def pcscd_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library looks once in a process for where pcscd is, so it is at one place for all tests."""
    if reason := what_is_missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("pcscd")
    os.environ["PCSCLITE_CSOCK_NAME"] = str(VirtualPcscd(folder).socket)
    return folder


@pytest.fixture(params=["simulated", "pcscd"])
async def table(request: pytest.FixtureRequest) -> AsyncIterator[Table]:
    if request.param == "simulated":
        slot = SimulatedSlot()
        reader = PcscReader(slot)
        await reader.open()
        yield Table(SimulatedTable(slot), reader)
        await reader.close()
        return
    async with VirtualPcscd(request.getfixturevalue("pcscd_folder")) as pcscd:
        reader = PcscReader(PcscSlot(READER))
        await reader.open()
        yield Table(pcscd, reader)
        await reader.close()


@pytest.mark.parametrize("kind", [2, 4])
async def test_a_tag_is_read_with_its_uid_and_what_is_written_on_it(table: Table, kind: Any) -> None:
    await table.insert(SimulatedCard(UID, kind, WRITTEN))

    card = await table.read()

    assert isinstance(card, Card)
    assert (card.uid, card.records) == ("04A1B2C3D4E580", WRITTEN)


@pytest.mark.parametrize("type_", [2, 4])
def test_a_tag_of_any_length_is_read_whole(type_: Any) -> None:
    for length in range(850):  # of 254, the length looks like an end
        text = TextRecord("x" * length, "en")
        card = SimulatedCard(b"\x04\x01\x02\x03", type_, (text,))

        assert read_card(card.atr, card.answer).records == (text,)


async def test_a_card_without_tag_is_its_uid(table: Table) -> None:
    await table.insert(SimulatedCard(UID, None))

    card = await table.read()

    assert isinstance(card, Card)
    assert (card.uid, card.records) == ("04A1B2C3D4E580", ())


async def test_a_card_is_told_once_while_it_lies_there_and_again_when_it_comes_back(table: Table) -> None:
    await table.insert(SimulatedCard(UID))
    first = await table.read()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await table.reader.read()

    await table.pull()
    await table.insert(SimulatedCard(UID))

    assert await table.read() == first


async def test_another_program_that_lets_the_card_go_does_not_put_it_on_again(table: Table) -> None:
    if not isinstance(table.hands, VirtualPcscd):
        return
    await table.insert(SimulatedCard(UID))
    await table.read()
    await table.reader.close()
    other = PcscSlot(READER)
    await asyncio.to_thread(other.open)
    await asyncio.to_thread(other.connect)
    await table.reader.open()
    await table.read()

    await asyncio.to_thread(other.close)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await table.reader.read()


@pytest.mark.parametrize("answers", [0, 1, 2, 4])
async def test_a_card_that_is_pulled_too_early_is_told_and_reading_goes_on(table: Table, answers: int) -> None:
    await table.insert(SimulatedCard(UID, 4, WRITTEN, pulled_after=answers))
    torn = await table.read()
    await table.pull()

    await table.insert(SimulatedCard(UID, 4, WRITTEN))

    assert isinstance(torn, UnreadableCard)
    assert isinstance(await table.read(), Card)


async def test_a_cancelled_read_loses_no_card(table: Table) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await table.reader.read()
    await table.insert(SimulatedCard(UID))
    await asyncio.sleep(0.7)

    assert isinstance(await table.read(), Card)


async def test_a_service_that_restarts_is_lost_at_once_and_found_again(table: Table) -> None:
    reading = asyncio.create_task(table.read())
    await asyncio.sleep(0.05)

    await table.hands.stop()
    with pytest.raises(DeviceDisconnected):
        await reading
    with pytest.raises(DeviceDisconnected):
        await table.reader.open()
    await table.hands.start()
    await table.reader.open()
    await table.insert(SimulatedCard(UID))

    assert isinstance(await table.read(), Card)


async def test_waiting_for_cards_leaves_the_event_loop_free(table: Table) -> None:
    loop = asyncio.get_running_loop()
    reading = asyncio.create_task(table.read())
    longest_s = 0.0
    for _ in range(150):
        before = loop.time()
        await asyncio.sleep(0.01)
        longest_s = max(longest_s, loop.time() - before)
    await table.insert(SimulatedCard(UID))
    await reading

    assert longest_s < 0.5  # one wait for a card takes a second


async def test_closing_wakes_whoever_reads(table: Table) -> None:
    reading = asyncio.create_task(table.read())
    await asyncio.sleep(0.05)

    await table.reader.close()

    with pytest.raises(DeviceDisconnected):
        await reading


async def test_a_reader_of_another_name_is_not_taken(table: Table) -> None:
    if isinstance(table.hands, VirtualPcscd):
        with pytest.raises(DeviceDisconnected, match="ACR122"):
            await PcscReader(PcscSlot("ACR122")).open()


async def test_a_mute_card_is_told() -> None:
    slot = SimulatedSlot()
    reader = PcscReader(slot)
    await reader.open()

    slot.insert(SimulatedCard(UID, is_mute=True))

    assert isinstance(await reader.read(), UnreadableCard)
    await reader.close()


async def test_cards_that_nobody_reads_are_not_kept_for_ever() -> None:
    slot = SimulatedSlot()
    reader = PcscReader(slot)
    await reader.open()
    for number in range(UNREAD_CARDS_MAX + 4):
        slot.insert(SimulatedCard(bytes([number]) * 4))
        await asyncio.sleep(0.02)

    cards = [await reader.read() for _ in range(UNREAD_CARDS_MAX)]

    assert [card.uid for card in cards if isinstance(card, Card)][:2] == ["04040404", "05050505"]
    await reader.close()


@pytest.mark.parametrize(
    "changed",
    [
        (3, bytes.fromhex("E110FFFF")),  # a memory larger than it is
        (4, b"\x03\xff\xff\xff"),  # a message larger than the memory
    ],
)
def test_a_tag_that_contradicts_itself_is_not_read_for_ever(changed: tuple[int, bytes]) -> None:
    card = SimulatedCard(UID, 2, WRITTEN)
    page, forged = changed

    def transmit(apdu: bytes) -> bytes:
        response = bytearray(card.answer(apdu) or b"")
        at = (page - int.from_bytes(apdu[2:4], "big")) * 4
        if apdu[:2] == b"\xff\xb0" and 0 <= at < 16:
            response[at : at + 4] = forged
        return bytes(response)

    with contextlib.suppress(DeviceGarbled):
        read_card(card.atr, transmit)
    assert card.answered < 600


responses = st.one_of(st.binary(max_size=40), st.binary(max_size=40).map(lambda data: data + OK))


@given(st.lists(responses, max_size=60))
def test_no_card_at_all_does_harm(said: list[bytes]) -> None:
    """Whatever a card answers, reading it ends, and ends in one of the two ways that the driver knows."""
    left = iter(said)
    with contextlib.suppress(DeviceGarbled):
        read_card(b"", lambda _: next(left, b""))


async def test_a_mistake_of_ours_in_the_thread_is_not_silent() -> None:
    slot = SimulatedSlot()
    reader = PcscReader(slot)
    await reader.open()

    slot.insert(SimulatedCard(UID, 4, (TextRecord("x" * 70_000, "en"),)))  # more than a simulated file can name

    for _ in range(2):
        with pytest.raises(OverflowError):
            await reader.read()
    await reader.close()


async def test_without_its_library_a_reader_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)

    with pytest.raises(DriverMissing, match=r"shopwright\[pcsc\]"):
        await PcscReader(PcscSlot()).open()
