"""Head office's count of uses, as the checkout and screens ask it; and the giving back of what no payment needed."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import structlog

from edge.checkout.gateway import UsesUncounted
from edge.shop import Shop
from edge.specials import counting
from edge.sync.client import HeadOfficeAway, HeadOfficeClient, HeadOfficeRefused, HeadOfficeSilent
from edge.uses import service as uses
from shared.errors import Conflict
from shared.protocol.uses import Balance, BalanceRequest, Reservation, ReservationRequest, Returned, ReturnRequest

log = structlog.get_logger()

ANSWER_TIMEOUT_S = 3.0  # a shopper waits; without an answer the box's own lease is spent
RETURN_EVERY_S = 1.0
LOOK_UP_EVERY_S = 1.0


@dataclass(frozen=True)
class HeadOfficeUses:
    """Uses counted at head office's own doors."""

    shop: Shop
    head_office: HeadOfficeClient
    answer_timeout_s: float = ANSWER_TIMEOUT_S

    async def reserve(self, request: ReservationRequest) -> Reservation:
        if not self.shop.line.online:
            raise UsesUncounted  # known to be away: do not let a shopper wait to hear it
        try:
            async with asyncio.timeout(self.answer_timeout_s):
                return await self.head_office.send("/api/uses/reservations", request, Reservation)
        except (HeadOfficeAway, HeadOfficeSilent, HeadOfficeRefused, TimeoutError) as error:
            log.warning("uses_not_reserved", basket=request.basket_id, error=str(error))
            raise UsesUncounted from error


async def give_back(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Tell head office once of everything that is to be given back. Raises what the client raises."""
    for told in await shop.db.transact(uses.unreturned, shop.attempts):
        request = ReturnRequest(basket_id=told.basket_id, attempt=told.attempt, quota=told.quota)
        await head_office.send("/api/uses/reservations/return", request, Returned)
        await shop.db.transact(uses.returned, told)


async def look_up(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Ask once what is left on the vouchers of open baskets, so that shoppers see it before they pay.

    Raises what the client raises.
    """
    for basket in list(shop.shown.values()):
        for coupon in basket.specials.coupons:
            if coupon.voucher is None or coupon.voucher.is_told or coupon.digest is None:
                continue
            request = BalanceRequest(basket_id=basket.id, quota=coupon.campaign, digest=coupon.digest)
            told = await head_office.send("/api/uses/balances", request, Balance)
            left_minor = coupon.voucher.balance_minor if told.left_minor is None else told.left_minor
            with suppress(Conflict):  # the basket is being paid, which asks, too
                known = (basket.id, coupon.campaign, left_minor, shop.pricing())
                shop.basket_changed(await shop.db.transact(counting.lower_balance, *known))


async def keep_looking_up(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Look vouchers up for as long as the daemon runs."""
    while True:
        if shop.line.online:
            try:
                await look_up(shop, head_office)
            except (HeadOfficeAway, HeadOfficeSilent, HeadOfficeRefused) as error:
                log.info("vouchers_not_looked_up", error=str(error))
        await asyncio.sleep(LOOK_UP_EVERY_S)


async def keep_giving_back(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Give back what was reserved for payments that came to nothing, for as long as the daemon runs."""
    while True:
        if shop.line.online:
            try:
                await give_back(shop, head_office)
            except (HeadOfficeAway, HeadOfficeSilent, HeadOfficeRefused) as error:
                log.info("uses_not_given_back", error=str(error))
        await asyncio.sleep(RETURN_EVERY_S)
