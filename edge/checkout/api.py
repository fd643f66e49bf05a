"""The door for paying."""

from contextlib import suppress
from dataclasses import replace

from aiohttp import web

from edge.checkout import service
from edge.checkout.gateway import GatewayAway, GatewaySilent, PaymentGateway, UsesOffice, UsesUncounted
from edge.checkout.models import (
    CardDeclined,
    CardRequest,
    CardUnavailable,
    CardUnconfirmed,
    CheckoutRequest,
    PaidOrder,
    Placed,
    paid,
)
from edge.receipts import service as receipts
from edge.shop import SHOP, Shop
from edge.specials import counting as counted
from edge.specials.models import CountedUse, Counting, PromotionUsedUp, VoucherChanged
from shared.api.routes import Routes
from shared.model.strict import Id
from shared.protocol.payments import PaymentRequest
from shared.protocol.uses import ReservedUse

routes = Routes("checkout")

GATEWAY: web.AppKey[PaymentGateway] = web.AppKey("gateway", PaymentGateway)
USES: web.AppKey[UsesOffice] = web.AppKey("uses", UsesOffice)


@routes.post("/api/baskets/{basket_id}/checkout", summary="Pay for a basket and make it an order")
async def check_out(request: web.Request, basket_id: Id, body: CheckoutRequest) -> PaidOrder:
    """A basket that was paid before answers its order again, so a repeat is safe without any key."""
    shop = request.app[SHOP]
    try:
        with shop.metrics.place_seconds.time(), shop.paying() as attempt:
            counting = await _counted(shop, request.app[USES], basket_id, body, attempt)
            placed = await _paid(shop, request.app[GATEWAY], basket_id, body, counting)
    except PromotionUsedUp as error:
        basket = await shop.db.transact(counted.leave_out, basket_id, error.promotions, shop.pricing())
        shop.basket_changed(basket)
        raise
    except VoucherChanged as error:
        left = (error.campaign, error.left_minor)
        shop.basket_changed(await shop.db.transact(counted.lower_balance, basket_id, *left, shop.pricing()))
        raise
    if placed.is_new:
        shop.order_placed(placed.order)
        return paid(placed.order, "waiting")  # its print job was written with it a moment ago
    return paid(placed.order, await shop.db.transact(receipts.printing, placed.order.id))


async def _counted(shop: Shop, office: UsesOffice, basket_id: str, body: CheckoutRequest, attempt: str) -> Counting:
    """Let head office reserve what is counted of the basket, if it answers."""
    known = shop.catalogue
    counting = Counting(known.campaigns, known.lotteries, known.lottery_blocks)
    shown, pricing = shop.shown.get(basket_id), shop.pricing()
    if shown is not None and not counted.may_ask(shown, pricing):
        return counting
    now, store = shop.clock.now(), known.store
    requests = await shop.db.transact(service.ask_office, basket_id, body, attempt, pricing, store, now, counting)
    wanted = [use for request in requests for use in request.uses]
    asked: dict[str, CountedUse] = {use.quota: (use.quota, use.digest, use.customer) for use in wanted}
    told: list[ReservedUse] = []
    with suppress(UsesUncounted):  # what it said of the parts before holds
        for request in requests:
            told.extend(use for use in (await office.reserve(request)).uses if use.quota in asked)
    for use in told:
        if use.left_minor is None:
            continue
        if use.result == "too_little":
            name = known.campaigns[use.quota].name
            raise VoucherChanged(name=name, campaign=use.quota, left_minor=use.left_minor)
        await shop.db.transact(counted.lower_balance, basket_id, use.quota, use.left_minor, pricing)
    return replace(counting, results={asked[use.quota]: use.result for use in told})


async def _paid(
    shop: Shop, gateway: PaymentGateway, basket_id: str, body: CheckoutRequest, counting: Counting
) -> Placed:
    if isinstance(body.tender, CardRequest):
        return await _pay_by_card(shop, gateway, basket_id, body, body.tender.card, counting)
    return await shop.db.transact(
        service.pay_cash,
        basket_id,
        shop.shown.get(basket_id),
        body,
        body.tender.tendered_minor,
        shop.pricing(),
        shop.catalogue.store,
        shop.identity.enrolled,
        shop.journal,
        shop.clock.now(),
        counting,
    )


async def _pay_by_card(
    shop: Shop, gateway: PaymentGateway, basket_id: str, body: CheckoutRequest, card: str, counting: Counting
) -> Placed:
    # The same before and after the gateway: the order is what was charged, whatever the feed or the clock brings.
    pricing = shop.pricing()
    store = shop.catalogue.store
    now = shop.clock.now()
    asked = await shop.db.transact(service.ask_card, basket_id, body, card, pricing, store, now, counting)
    if isinstance(asked, Placed):
        return asked
    try:
        reference = await _charge(shop, gateway, basket_id, asked.payment)
        return await shop.db.transact(
            service.card_approved,
            asked,
            reference,
            pricing,
            store,
            shop.identity.enrolled,
            shop.journal,
            shop.clock.now(),
            counting,
        )
    except (CardDeclined, CardUnavailable, CardUnconfirmed):
        raise  # written down already
    except BaseException:
        # Perhaps charged, and no order: the money goes back and the basket opens, as soon as that can be written down.
        shop.disown(basket_id, asked.payment.id)
        raise


async def _charge(shop: Shop, gateway: PaymentGateway, basket_id: str, payment: PaymentRequest) -> str:
    """Return the gateway's reference for an approved payment; on any other end the basket is open again."""
    try:
        result = await gateway.charge(payment)
    except GatewayAway as error:
        await shop.db.transact(service.card_declined, basket_id, payment.id)
        raise CardUnavailable from error
    except GatewaySilent as error:
        await shop.db.transact(service.card_unconfirmed, basket_id, payment.id)
        raise CardUnconfirmed from error
    if result.state != "approved":
        await shop.db.transact(service.card_declined, basket_id, payment.id)
        raise CardDeclined
    return result.reference
