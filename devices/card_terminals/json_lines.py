"""The protocol of the simulated terminal: a connection for each question, one line of JSON each way.

Terminals of real makes come with their acquirers. What they all have in common is here: our own reference for each
payment, and a book that can be asked.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from devices.card_terminals.interface import Payment, State
from devices.errors import DeviceDisconnected, DeviceGarbled, DeviceSilent, PaymentUnknown, TerminalBusy
from devices.ports.port import Port
from devices.ports.tcp import TcpPort
from shared.model.strict import Code, MinorFromZero, Name, Strict

END = b"\n"
LINE_BYTES_MAX = 2048
WRITE_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 5.0  # of a question that needs nobody
SHOPPER_TIMEOUT_S = 120.0  # a shopper looks for a card and for a PIN; the terminal gives up after 90 s


class SimulatedTerminalSettings(Strict):
    """One simulated card terminal of a node."""

    kind: Literal["card_terminal"]
    make: Literal["simulated"]
    name: Code
    host: Name = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)]


class Question(Strict):
    """What the terminal is asked. `of` belongs to refunds, `currency` to payments."""

    do: Literal["pay", "cancel", "outcome", "refund", "check"]
    reference: str = Field(default="", max_length=100)
    amount_minor: MinorFromZero = 0
    currency: str = ""
    of: str = ""


class Answer(Strict):
    """What it says. unknown: not in its book. busy: another payment is under way."""

    reference: str
    state: State | Literal["unknown", "busy"]
    amount_minor: MinorFromZero = 0
    authorisation: str = Field(default="", max_length=64)


def render(message: Question | Answer) -> bytes:
    return message.model_dump_json().encode() + END


def parse(line: bytes, asked: Question) -> Payment | None:
    """Read an answer; None: not in the terminal's book. Raises DeviceGarbled, TerminalBusy.

    An answer to another question, or one that charges another amount than was asked, makes no sense either.
    """
    try:
        answer = Answer.model_validate_json(line)
    except ValidationError as problem:
        raise DeviceGarbled(problem="no answer", frame=line[:64].hex()) from problem
    if answer.reference != asked.reference:
        raise DeviceGarbled(problem="an answer to another question", frame=line[:64].hex())
    if answer.state == "busy":
        raise TerminalBusy
    if answer.state == "unknown":
        return None
    if answer.state == "approved" and (
        not answer.authorisation or (asked.amount_minor and answer.amount_minor != asked.amount_minor)
    ):
        raise DeviceGarbled(problem="approved something else", frame=line[:64].hex())
    return Payment(answer.reference, answer.state, answer.amount_minor, answer.authorisation)


@dataclass(frozen=True, slots=True)
class JsonTerminal:
    """Each question has a connection of its own, so that a payment that waits for its shopper can be cancelled."""

    connect: Callable[[], Port]
    answer_timeout_s: float = ANSWER_TIMEOUT_S
    shopper_timeout_s: float = SHOPPER_TIMEOUT_S

    async def pay(self, reference: str, amount_minor: int, currency: str) -> Payment:
        assert amount_minor > 0
        question = Question(do="pay", reference=reference, amount_minor=amount_minor, currency=currency)
        return await self._move_money(question, self.shopper_timeout_s)

    async def refund(self, reference: str, of: str, amount_minor: int) -> Payment:
        assert amount_minor > 0
        question = Question(do="refund", reference=reference, amount_minor=amount_minor, of=of)
        return await self._move_money(question, self.answer_timeout_s)

    async def cancel(self, reference: str) -> Payment:
        stands = await self._ask(Question(do="cancel", reference=reference), self.answer_timeout_s)
        if stands is None:
            raise DeviceGarbled(problem="cancelled nothing")
        return stands

    async def outcome(self, reference: str) -> Payment | None:
        return await self._ask(Question(do="outcome", reference=reference), self.answer_timeout_s)

    async def check(self) -> None:
        await self._ask(Question(do="check"), self.answer_timeout_s)

    async def _move_money(self, question: Question, timeout_s: float) -> Payment:
        port = self.connect()
        await port.open()
        try:
            payment = await self._exchange(port, question, timeout_s)
        except (DeviceDisconnected, DeviceSilent, DeviceGarbled) as lost:
            raise PaymentUnknown(address=port.address, problem=lost.code) from lost
        finally:
            await port.close()
        if payment is None or payment.state == "pending":
            raise PaymentUnknown(address=port.address, problem="no end")
        return payment

    async def _ask(self, question: Question, timeout_s: float) -> Payment | None:
        port = self.connect()
        await port.open()
        try:
            return await self._exchange(port, question, timeout_s)
        finally:
            await port.close()

    async def _exchange(self, port: Port, question: Question, timeout_s: float) -> Payment | None:
        await port.write(render(question), WRITE_TIMEOUT_S)
        line = b""
        try:
            async with asyncio.timeout(timeout_s):
                while END not in line:
                    if len(line) > LINE_BYTES_MAX:
                        raise DeviceGarbled(problem="a line without end")
                    line += await port.read()
        except TimeoutError as late:
            raise DeviceSilent(address=port.address) from late
        return parse(line.partition(END)[0], question)


def open_simulated_terminal(settings: SimulatedTerminalSettings) -> JsonTerminal:
    return JsonTerminal(lambda: TcpPort(settings.host, settings.port))
