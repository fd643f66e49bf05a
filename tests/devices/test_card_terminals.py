"""What every card terminal promises, above all: never charged twice, and never charged without anybody knowing."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from devices.card_terminals.interface import CardTerminal
from devices.card_terminals.json_lines import JsonTerminal, Question, parse
from devices.card_terminals.simulated import MOMENTS, Moment, SimulatedTerminal
from devices.errors import DeviceDisconnected, DeviceError, DeviceGarbled, DeviceSilent, PaymentUnknown, TerminalBusy
from devices.ports.tcp import TcpPort
from tests.devices.recorded import frames

SEEDS = 100


@pytest.mark.parametrize(
    "recorded", frames("card_terminals", "simulated"), ids=lambda recorded: recorded["source"] + recorded["line"]
)
def test_a_recorded_answer_is_read_or_refused(recorded: dict[str, Any]) -> None:
    asked = Question.model_validate(recorded["asked"])
    if "error" in recorded:
        with pytest.raises(DeviceError) as caught:
            parse(recorded["line"].encode(), asked)
        assert caught.value.code == recorded["error"]
        return

    payment = parse(recorded["line"].encode(), asked)

    read = payment and [payment.state, payment.amount_minor, payment.authorisation]
    assert read == recorded["payment"]


@dataclass
class Counter:
    """A terminal on the counter and the driver that speaks to it."""

    on_it: SimulatedTerminal
    terminal: CardTerminal

    def account(self, reference: str) -> list[int]:
        """Return what the shopper's bank did for a payment."""
        return self.on_it.bank[reference]


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    async with SimulatedTerminal() as simulated:
        terminal = JsonTerminal(
            lambda: TcpPort(simulated.host, simulated.port), answer_timeout_s=0.5, shopper_timeout_s=0.5
        )
        yield Counter(simulated, terminal)


async def test_an_approved_payment_has_a_number_and_is_charged_once_however_often_it_is_asked(counter: Counter) -> None:
    payment = await counter.terminal.pay("p1", 500, "EUR")

    again = [await counter.terminal.pay("p1", 500, "EUR"), await counter.terminal.outcome("p1")]

    assert (payment.state, payment.amount_minor) == ("approved", 500)
    assert payment.authorisation
    assert again == [payment, payment]
    assert counter.account("p1") == [500]


async def test_a_declined_card_is_not_charged(counter: Counter) -> None:
    counter.on_it.card = "declines"

    payment = await counter.terminal.pay("p1", 500, "EUR")

    assert payment.state == "declined"
    assert counter.account("p1") == []


async def test_without_a_card_the_terminal_gives_up(counter: Counter) -> None:
    counter.on_it.card, counter.on_it.gives_up_after_s = "never_comes", 0.05

    assert (await counter.terminal.pay("p1", 500, "EUR")).state == "cancelled"


async def test_a_payment_that_waits_for_its_card_can_be_cancelled_and_a_second_one_waits_its_turn(
    counter: Counter,
) -> None:
    counter.on_it.card = "never_comes"
    paying = asyncio.create_task(counter.terminal.pay("p1", 500, "EUR"))
    await asyncio.sleep(0.05)

    pending = await counter.terminal.outcome("p1")
    with pytest.raises(TerminalBusy):
        await counter.terminal.pay("p2", 700, "EUR")
    cancelled = await counter.terminal.cancel("p1")

    assert pending is not None
    assert (pending.state, cancelled.state, (await paying).state) == ("pending", "cancelled", "cancelled")
    assert await counter.terminal.outcome("p2") is None


async def test_a_shopper_who_takes_too_long_leaves_an_unknown_payment_that_can_be_stopped(counter: Counter) -> None:
    counter.on_it.card = "never_comes"

    with pytest.raises(PaymentUnknown):
        await counter.terminal.pay("p1", 500, "EUR")

    assert (await counter.terminal.cancel("p1")).state == "cancelled"
    counter.on_it.card = "approves"
    assert (await counter.terminal.pay("p1", 500, "EUR")).state == "cancelled"
    assert counter.account("p1") == []


async def test_a_payment_cancelled_before_it_arrives_is_never_charged(counter: Counter) -> None:
    await counter.terminal.cancel("p1")

    assert (await counter.terminal.pay("p1", 500, "EUR")).state == "cancelled"
    assert counter.account("p1") == []


async def test_an_approved_payment_stays_approved_when_it_is_cancelled(counter: Counter) -> None:
    paid = await counter.terminal.pay("p1", 500, "EUR")

    assert await counter.terminal.cancel("p1") == paid


async def test_refunds_give_back_no_more_than_was_paid_and_each_once(counter: Counter) -> None:
    await counter.terminal.pay("p1", 500, "EUR")

    states = [
        (await counter.terminal.refund(reference, "p1", amount)).state
        for reference, amount in (("r1", 300), ("r1", 300), ("r2", 201), ("r3", 200), ("r4", 1))
    ]

    assert states == ["approved", "approved", "declined", "approved", "declined"]
    assert counter.account("p1") == [500, -300, -200]
    assert (await counter.terminal.refund("r5", "p9", 1)).state == "declined"


async def test_a_terminal_that_is_off_has_not_heard_of_a_payment(counter: Counter) -> None:
    await counter.on_it.power_off()

    for asking in (
        counter.terminal.check(),
        counter.terminal.pay("p1", 500, "EUR"),
        counter.terminal.cancel("p1"),
        counter.terminal.refund("r1", "p1", 5),
    ):
        with pytest.raises(DeviceDisconnected):
            await asking


@pytest.mark.parametrize("moment", MOMENTS)
async def test_after_a_power_cut_the_book_knows_what_the_bank_did(counter: Counter, moment: Moment) -> None:
    counter.on_it.power_ends_at = moment
    try:
        known = (await counter.terminal.pay("p1", 500, "EUR")).state
    except PaymentUnknown:
        known = None

    await counter.on_it.power_on()
    stands = await counter.terminal.cancel("p1")

    assert known in {None, stands.state}
    assert sum(counter.account("p1")) == (500 if stands.state == "approved" else 0)
    assert stands.state == ("approved" if moment in {"noted", "answered"} else "cancelled")


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_answer_that_was_lost_can_be_asked_for(counter: Counter, moment: Moment) -> None:
    counter.on_it.link_ends_at = moment
    with contextlib.suppress(PaymentUnknown):
        await counter.terminal.pay("p1", 500, "EUR")

    payment = await counter.terminal.outcome("p1")

    assert payment is not None
    assert (payment.state, counter.account("p1")) == ("approved", [500])


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_never_charged_twice(counter: Counter, seed: int) -> None:
    """Whatever happens, a till that asks before it charges again ends with the bank and the till agreeing."""
    chance = random.Random(seed)
    paid: dict[str, int] = {}
    for number in range(3):
        reference, amount = f"p{number}", chance.randint(1, 10_000)
        for _ in range(chance.randint(1, 4)):
            counter.on_it.power_ends_at = chance.choice([None, *MOMENTS])
            counter.on_it.link_ends_at = chance.choice([None, None, *MOMENTS])
            counter.on_it.card = chance.choice(["approves", "approves", "declines"])
            try:
                payment = await counter.terminal.pay(reference, amount, "EUR")
            except PaymentUnknown:
                continue
            finally:
                if counter.on_it.is_dark:
                    await counter.on_it.power_on()
            paid[reference] = amount if payment.state == "approved" else 0
        counter.on_it.power_ends_at = counter.on_it.link_ends_at = None
        stands = await counter.terminal.cancel(reference)
        assert paid.get(reference, sum(counter.account(reference))) == sum(counter.account(reference))
        assert sum(counter.account(reference)) == (amount if stands.state == "approved" else 0)
        assert sum(charge > 0 for charge in counter.account(reference)) <= 1


@pytest.mark.parametrize("said", [b"noise\n", b"x" * 5000, b""])
async def test_a_terminal_that_talks_nonsense_leaves_the_payment_unknown_and_blocks_nobody(said: bytes) -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await reader.read()
        writer.close()
        gone.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    terminal = JsonTerminal(lambda: TcpPort("127.0.0.1", port), answer_timeout_s=0.1, shopper_timeout_s=0.1)

    with pytest.raises(PaymentUnknown):
        await terminal.pay("p1", 500, "EUR")
    await gone.wait()
    with pytest.raises((DeviceGarbled, DeviceSilent)):
        await terminal.outcome("p1")

    server.close()
    await asyncio.sleep(0.02)


async def test_a_cancelled_call_can_be_asked_about(counter: Counter) -> None:
    counter.on_it.card = "never_comes"
    paying = asyncio.create_task(counter.terminal.pay("p1", 500, "EUR"))
    await asyncio.sleep(0.05)
    paying.cancel()
    await asyncio.gather(paying, return_exceptions=True)

    assert (await counter.terminal.cancel("p1")).state == "cancelled"
