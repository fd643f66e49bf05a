"""Card payments through head office: whatever was not confirmed is taken back there, once."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloud.payments.storage import payments as payments_there
from edge.checkout import service as checkout
from edge.checkout.gateway import GatewayAway, GatewaySilent
from edge.database import Transaction
from edge.demo.daemons import free_port
from edge.shop import Shop
from edge.sync.client import HeadOfficeClient
from edge.sync.payments import HeadOfficeGateway, keep_voiding
from shared.clock import SystemClock
from shared.protocol.payments import PaymentRequest, PaymentResult
from tests.edge.small_shop import UNKNOWN_ID, Till, open_till
from tests.edge.sync.head_office import Answer, playing, says, stranger
from tests.world import World, open_world, until

APPROVED = PaymentResult(id=UNKNOWN_ID, state="approved", reference="R1")
PAYMENT = PaymentRequest(id=UNKNOWN_ID, amount_minor=115, currency="GBP", card="test-approved")
NO = '{"title": "No such card.", "hint": "Use another.", "code": "unknown-card"}'


@dataclass(frozen=True)
class LosesAnswers:
    """Head office's gateway behind a line that loses every answer."""

    gateway: HeadOfficeGateway

    async def charge(self, payment: PaymentRequest) -> PaymentResult:
        await self.gateway.charge(payment)
        raise GatewaySilent

    async def void(self, payment_id: str) -> None:
        await self.gateway.void(payment_id)


async def charged(shop: Shop, answer: Answer) -> PaymentResult:
    shop.line.online = True
    async with playing(answer) as stage, stranger(stage.url) as client:
        return await HeadOfficeGateway(shop, client).charge(PAYMENT)


async def test_head_offices_word_is_the_payments_end(shop: Shop) -> None:
    assert await charged(shop, says(APPROVED.model_dump_json())) == APPROVED


async def test_a_payment_that_head_office_refuses_is_declined(shop: Shop) -> None:
    assert (await charged(shop, says(NO, 400))).state == "declined"


@pytest.mark.parametrize("answer", [says("", 500), says("<html>"), says("{}")])
async def test_no_proper_answer_means_that_nobody_knows(shop: Shop, answer: Answer) -> None:
    with pytest.raises(GatewaySilent):
        await charged(shop, answer)


@pytest.mark.parametrize("online", [True, False])
async def test_a_head_office_that_is_away_has_not_heard_of_the_payment(shop: Shop, online: bool) -> None:
    shop.line.online = online
    async with stranger(f"http://127.0.0.1:{free_port(0)}") as client:
        with pytest.raises(GatewayAway):
            await HeadOfficeGateway(shop, client).charge(PAYMENT)


def states(tx: Transaction) -> list[str]:
    return [state for (state,) in tx.rows("select state from payments order by id")]


async def test_an_unconfirmed_payment_is_taken_back_until_head_office_says_so_and_then_never_again(till: Till) -> None:
    shop = till.shop
    till.gateway.ends_with = [GatewaySilent()]
    await till.pay_by_card((await till.fill("milk"))["id"])
    voided = says(APPROVED.model_copy(update={"state": "voided"}).model_dump_json())
    shop.line.online = True
    async with playing(says("", 500), voided) as stage, stranger(stage.url) as client:
        voiding = asyncio.create_task(keep_voiding(shop, HeadOfficeGateway(shop, client)))

        async def is_taken_back() -> bool:
            return await shop.db.transact(states) == ["voided"]

        await until(is_taken_back)
        await asyncio.sleep(1.2)  # one more round
        voiding.cancel()
        await asyncio.gather(voiding, return_exceptions=True)

    assert [request.path for request in stage.asked] == ["/api/payments/void"] * 2  # the lost one and the good one
    assert await shop.db.transact(checkout.to_void) == []


async def test_a_charge_whose_answer_was_lost_is_void_at_head_office_and_the_shopper_pays_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        identity = world.shop.identity
        async with HeadOfficeClient(world.office_url, SystemClock(), identity.node_id, identity.key) as client:
            gateway = LosesAnswers(HeadOfficeGateway(world.shop, client))
            async with open_till(world.shop, gateway) as till:
                basket = await world.scan("milk")
                status, problem = await till.pay_by_card(basket["id"])
                order = await world.sell("milk")

                async def is_taken_back() -> bool:
                    return await there(world) == ["voided"]

                await until(is_taken_back)
                await world.settle(orders=1)

    assert (status, problem["code"]) == (503, "card-unconfirmed")
    assert order["id"] == basket["id"]
    assert (order["tender"], order["total_minor"]) == ("cash", 230)


async def there(world: World) -> list[str]:
    """Return the states of head office's payments."""
    return await world.head_office.db.read(lambda tx: [row.state for row in tx.execute(payments_there.select()).all()])
