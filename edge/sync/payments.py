"""Head office's payment gateway, as the checkout uses it; and the taking back of payments that nobody confirmed."""

import asyncio
from dataclasses import dataclass

import structlog

from edge.checkout import service as checkout
from edge.checkout.gateway import GatewayAway, GatewaySilent, PaymentGateway
from edge.shop import Shop
from edge.sync.client import HeadOfficeAway, HeadOfficeClient, HeadOfficeRefused, HeadOfficeSilent
from shared.protocol.payments import PaymentRequest, PaymentResult, VoidRequest

log = structlog.get_logger()

VOID_EVERY_S = 1.0


@dataclass(frozen=True)
class HeadOfficeGateway:
    """Payments through head office's own doors."""

    shop: Shop
    head_office: HeadOfficeClient

    async def charge(self, payment: PaymentRequest) -> PaymentResult:
        if not self.shop.line.online:
            raise GatewayAway  # known to be away: do not let a shopper wait to hear it
        try:
            return await self.head_office.send("/api/payments", payment, PaymentResult)
        except HeadOfficeAway as error:
            raise GatewayAway from error
        except HeadOfficeRefused as error:
            log.warning("payment_refused", payment=payment.id, error=str(error))
            return PaymentResult(id=payment.id, state="declined", reference="refused")
        except HeadOfficeSilent as error:
            raise GatewaySilent from error

    async def void(self, payment_id: str) -> None:
        if not self.shop.line.online:
            raise GatewayAway
        try:
            await self.head_office.send("/api/payments/void", VoidRequest(id=payment_id), PaymentResult)
        except HeadOfficeAway as error:
            raise GatewayAway from error
        except (HeadOfficeSilent, HeadOfficeRefused) as error:
            raise GatewaySilent from error


async def own(shop: Shop) -> None:
    """Write down what was charged without an order, so that it is taken back. Raises DiskFull, StorageFailed."""
    while shop.disowned:
        basket_id, payment_id = shop.disowned[0]
        await shop.db.transact(checkout.card_unconfirmed, basket_id, payment_id)
        shop.disowned.pop(0)
        shop.announce_all_lanes()


async def keep_voiding(shop: Shop, gateway: PaymentGateway) -> None:
    """Take back every payment whose answer never came, until the gateway confirms it."""
    while True:
        await own(shop)
        for payment_id in await shop.db.transact(checkout.to_void):
            try:
                await gateway.void(payment_id)
            except (GatewayAway, GatewaySilent):
                break
            await shop.db.transact(checkout.voided, payment_id)
            log.info("payment_taken_back", payment=payment_id)
        await asyncio.sleep(VOID_EVERY_S)
