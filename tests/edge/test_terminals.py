"""Cards at the box's own terminal: the order and the bank agree, whatever happens to the power."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from devices.card_terminals.json_lines import JsonTerminal
from devices.card_terminals.simulated import MOMENTS, Moment, SimulatedTerminal
from devices.ports.tcp import TcpPort
from edge.checkout.gateway import GatewayAway
from edge.shop import Shop
from edge.sync.payments import keep_voiding
from edge.terminals import NOTHING_DUE, TerminalGateway
from tests.edge.small_shop import TestGateway, Till, open_till
from tests.world import until


class Voiding(TestGateway):
    """Head office, which is asked to take back what the terminal has never heard of."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.voided: list[str] = []

    async def void(self, payment_id: str) -> None:
        if self.is_away:
            raise GatewayAway
        self.voided.append(payment_id)


@dataclass
class Lane:
    till: Till
    on_it: SimulatedTerminal
    gateway: TerminalGateway
    head_office: Voiding

    def bank(self) -> list[int]:
        return [sum(account) for account in self.on_it.bank.values()]

    async def states(self) -> list[str]:
        rows = await self.till.shop.db.transact(lambda tx: tx.rows("select state from payments order by id"))
        return [state for (state,) in rows]

    async def settle(self) -> None:
        """Let what is to be taken back be taken back."""
        voiding = asyncio.create_task(keep_voiding(self.till.shop, self.gateway))

        async def nothing_is_open() -> bool:
            return not {"asked", "to_void"} & set(await self.states())

        await until(nothing_is_open)
        voiding.cancel()
        await asyncio.gather(voiding, return_exceptions=True)


@pytest.fixture
async def lane(shop: Shop) -> AsyncIterator[Lane]:
    async with SimulatedTerminal() as simulated:
        terminal = JsonTerminal(lambda: TcpPort(simulated.host, simulated.port), 0.5, 0.5)
        head_office = Voiding()
        gateway = TerminalGateway(terminal, head_office)
        async with open_till(shop, gateway) as till:
            yield Lane(till, simulated, gateway, head_office)


async def test_an_approved_card_is_an_order_with_the_terminals_number(lane: Lane) -> None:
    basket = await lane.till.fill("mug")

    status, paid = await lane.till.pay_by_card(basket["id"])
    _, order = await lane.till.call("GET", f"/api/orders/{paid['id']}")

    assert status == 200
    assert order["tenders"][0]["reference"].startswith("SIM")
    assert lane.bank() == [order["tenders"][0]["amount_minor"]] == [500]


async def test_a_declined_card_leaves_the_basket_open(lane: Lane) -> None:
    lane.on_it.card = "declines"
    basket = await lane.till.fill("mug")

    status, problem = await lane.till.pay_by_card(basket["id"])

    assert (status, problem["code"]) == (409, "card-declined")
    assert (await lane.till.lane())["basket"]["state"] == "open"


async def test_a_terminal_that_is_off_has_charged_nothing_and_cash_is_taken(lane: Lane) -> None:
    await lane.on_it.power_off()
    basket = await lane.till.fill("mug")

    status, problem = await lane.till.pay_by_card(basket["id"])

    assert (status, problem["code"]) == (503, "card-unavailable")
    assert (await lane.till.pay(basket["id"]))[0] == 200
    assert lane.bank() == []


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_power_cut_ends_with_an_order_or_with_the_money_given_back(lane: Lane, moment: Moment) -> None:
    lane.on_it.power_ends_at = moment
    basket = await lane.till.fill("mug")
    status, _ = await lane.till.pay_by_card(basket["id"])

    await lane.on_it.power_on()
    await lane.settle()

    assert status in {200, 503}
    assert sum(lane.bank()) == (500 if status == 200 else 0)
    assert await lane.states() == ["approved" if status == 200 else "voided"]
    assert len(lane.head_office.voided) == (1 if moment == "heard" else 0)  # the terminal knows nothing of it


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_approval_whose_answer_was_lost_is_looked_up_while_the_shopper_waits(
    lane: Lane, moment: Moment
) -> None:
    lane.on_it.link_ends_at = moment
    basket = await lane.till.fill("mug")

    status, _ = await lane.till.pay_by_card(basket["id"])

    assert status == 200
    assert (lane.bank(), await lane.states()) == ([500], ["approved"])


async def test_what_was_charged_before_there_was_a_terminal_is_taken_back_where_it_was_charged(lane: Lane) -> None:
    lane.head_office.is_away = True
    with pytest.raises(GatewayAway):
        await lane.gateway.void("0190a000-0000-7000-8000-000000000077")

    lane.head_office.is_away = False
    await lane.gateway.void("0190a000-0000-7000-8000-000000000077")

    assert len(lane.head_office.voided) == 1


async def test_a_basket_that_costs_nothing_asks_no_terminal(lane: Lane) -> None:
    await lane.on_it.power_off()
    basket = await lane.till.fill("bag")

    status, paid = await lane.till.pay_by_card(basket["id"])
    _, order = await lane.till.call("GET", f"/api/orders/{paid['id']}")

    assert (status, order["tenders"][0]["reference"]) == (200, NOTHING_DUE)
