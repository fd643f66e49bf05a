"""A card terminal that a test or a demo holds, with the bank behind it."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Literal, Self

from devices.card_terminals.interface import Payment, State
from devices.card_terminals.json_lines import END, LINE_BYTES_MAX, Answer, Question, render
from shared.workers import happens

LOOPBACK = "127.0.0.1"
# Moments of a payment at which the power can go: the question was heard; it is in the book; the bank has charged; the
# book says so; the answer is out.
Moment = Literal["heard", "booked", "charged", "noted", "answered"]
MOMENTS: tuple[Moment, ...] = ("heard", "booked", "charged", "noted", "answered")


class PowerLost(Exception):
    """The terminal is dark. Never leaves the simulator."""


@dataclass(slots=True)
class SimulatedTerminal:
    """Listens at `host` and `port` inside `async with`, or from `power_on` to `power_off`.

    Its book and its bank outlive the power. When it comes back, payments that were under way are cancelled and what
    the bank had charged for them is given back.
    """

    card: Literal["approves", "declines", "never_comes"] = "approves"
    gives_up_after_s: float = 90.0  # without a card
    power_ends_at: Moment | None = None  # once
    link_ends_at: Moment | None = None  # once: the answer is lost, and the payment goes on
    host: str = LOOPBACK
    port: int = 0  # chosen at the first power_on
    bank: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list), init=False)
    _book: dict[str, Payment] = field(default_factory=dict, init=False)
    _refunds: dict[str, str] = field(default_factory=dict, init=False)  # a refund's reference, its payment's
    _numbers: int = field(default=0, init=False)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event, init=False)  # somebody cancelled what is under way
    _server: asyncio.Server | None = field(default=None, init=False)
    _links: dict["asyncio.Task[None]", asyncio.StreamWriter] = field(default_factory=dict, init=False)

    async def __aenter__(self) -> Self:
        await self.power_on()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.power_off()

    @property
    def is_dark(self) -> bool:
        return self._server is None

    async def power_on(self) -> None:
        """Put right what was under way, then listen at the same port as before."""
        assert self._server is None
        for reference, payment in self._book.items():
            if payment.state == "pending":
                self._book[reference] = replace(payment, state="cancelled")
                if sum(self.bank[reference]):
                    self.bank[reference].append(-sum(self.bank[reference]))
        self._server = await asyncio.start_server(self._serve, self.host, self.port, limit=LINE_BYTES_MAX)
        self.port = self._server.sockets[0].getsockname()[1]

    async def power_off(self) -> None:
        self._go_dark()
        await asyncio.gather(*self._links, return_exceptions=True)

    def _go_dark(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for task, writer in self._links.items():
            writer.transport.abort()
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._links[task] = writer
        try:
            question = Question.model_validate_json(await reader.readuntil(END))
            payment = await self._answer(question)
            writer.write(render(said(question, payment)))
            await writer.drain()
            self._reach("answered", question)
        except (PowerLost, asyncio.CancelledError):
            pass
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the other side went away, or speaks another language
        finally:
            del self._links[task]
            writer.close()

    async def _answer(self, question: Question) -> Payment | Literal["busy"] | None:
        known = self._book.get(question.reference)
        match question.do:
            case "pay":
                self._reach("heard", question)
                return known or await self._take(question)
            case "refund":
                self._reach("heard", question)
                return known or self._give_back(question)
            case "cancel":
                if known is None:
                    known = self._note(question, "cancelled")
                elif known.state == "pending":
                    known = self._note(question, "cancelled")
                    self._stopped.set()
        return known

    async def _take(self, question: Question) -> Payment | Literal["busy"]:
        """Wait for the shopper's card and have the bank charge it."""
        if any(payment.state == "pending" for payment in self._book.values()):
            return "busy"
        self._note(question, "pending")
        self._reach("booked", question)
        if self.card == "never_comes":
            self._stopped.clear()
            await happens(self._stopped, within_s=self.gives_up_after_s)
            return self._note(question, "cancelled")
        if self.card == "declines":
            return self._note(question, "declined")
        self.bank[question.reference].append(question.amount_minor)
        self._reach("charged", question)
        approved = self._note(question, "approved")
        self._reach("noted", question)
        return approved

    def _give_back(self, question: Question) -> Payment:
        paid = self._book.get(question.of)
        before = sum(self._book[refund].amount_minor for refund, of in self._refunds.items() if of == question.of)
        if paid is None or paid.state != "approved" or before + question.amount_minor > paid.amount_minor:
            return self._note(question, "declined")
        self._refunds[question.reference] = question.of
        self.bank[question.of].append(-question.amount_minor)
        return self._note(question, "approved")

    def _note(self, question: Question, state: State) -> Payment:
        self._numbers += 1
        authorisation = f"SIM{self._numbers:06d}" if state == "approved" else ""
        payment = Payment(question.reference, state, question.amount_minor, authorisation)
        self._book[question.reference] = payment
        return payment

    def _reach(self, moment: Moment, question: Question) -> None:
        """Lose the link or the power here, if it is to be lost here."""
        if question.do not in {"pay", "refund"}:
            return
        if self.link_ends_at == moment:
            self.link_ends_at = None
            for writer in self._links.values():
                writer.transport.abort()
        if self.power_ends_at == moment:
            self.power_ends_at = None
            self._go_dark()
            raise PowerLost


def said(question: Question, payment: Payment | Literal["busy"] | None) -> Answer:
    """Return what the terminal answers."""
    if payment is None or payment == "busy":
        return Answer(reference=question.reference, state=payment or "unknown")
    return Answer(
        reference=payment.reference,
        state=payment.state,
        amount_minor=payment.amount_minor,
        authorisation=payment.authorisation,
    )
