"""Doors for coupons, and for what staff decide on the spot."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from edge.baskets.models import BasketView, view
from edge.callers import demand_attendant
from edge.shop import SHOP, Shop
from edge.specials import operators, service
from edge.specials.models import DonationRequest, DonationsView, MemberRequest, OperatorDiscountRequest
from shared import coupons
from shared.api.routes import Routes
from shared.errors import NotFound
from shared.model.basket import Basket
from shared.model.special import CampaignId, DonationChoice
from shared.model.strict import Code, Id, Strict

routes = Routes("specials")


class CouponRequest(Strict):
    """A code as it was typed or scanned: case, blanks and dashes do not matter."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=100)]


@routes.post("/api/baskets/{basket_id}/coupons", summary="Put a coupon into a basket")
async def add_coupon(request: web.Request, basket_id: Id, body: CouponRequest) -> BasketView:
    """The coupon is counted when the basket is paid, and only if it takes something off."""
    shop = request.app[SHOP]
    coupon = coupons.recognise(body.code, shop.catalogue.campaigns.values())
    basket = await shop.db.transact(service.add_coupon, basket_id, coupon, shop.pricing())
    return _shown(shop, basket)


@routes.delete("/api/baskets/{basket_id}/coupons/{campaign}", summary="Take a coupon off a basket")
async def remove_coupon(request: web.Request, basket_id: Id, campaign: CampaignId) -> BasketView:
    shop = request.app[SHOP]
    basket = await shop.db.transact(service.remove_coupon, basket_id, campaign, shop.pricing())
    return _shown(shop, basket)


@routes.post("/api/baskets/{basket_id}/operator-discounts", summary="Give a discount on the spot")
async def give_discount(request: web.Request, basket_id: Id, body: OperatorDiscountRequest) -> BasketView:
    """Only for attendants, with a reason, within the store's caps."""
    demand_attendant(request)
    shop = request.app[SHOP]
    store, now = shop.catalogue.store, shop.clock.now()
    return _shown(shop, await shop.db.transact(operators.give, basket_id, body, store, shop.pricing(), now))


@routes.delete("/api/baskets/{basket_id}/operator-discounts/{discount_id}", summary="Take such a discount off")
async def take_discount_off(request: web.Request, basket_id: Id, discount_id: Code) -> BasketView:
    demand_attendant(request)
    shop = request.app[SHOP]
    return _shown(shop, await shop.db.transact(operators.take_off, basket_id, discount_id, shop.pricing()))


@routes.put("/api/baskets/{basket_id}/member", summary="Note who is shopping")
async def set_member(request: web.Request, basket_id: Id, body: MemberRequest) -> BasketView:
    """Only for attendants: tags open the prices of staff and members."""
    demand_attendant(request)
    shop = request.app[SHOP]
    return _shown(shop, await shop.db.transact(operators.set_member, basket_id, body, shop.pricing()))


@routes.get("/api/donations", summary="For whom shoppers can give something")
async def list_donations(request: web.Request) -> DonationsView:
    return DonationsView(donations=tuple(request.app[SHOP].catalogue.donations.values()))


@routes.put("/api/baskets/{basket_id}/donation", summary="Give something besides")
async def set_donation(request: web.Request, basket_id: Id, body: DonationRequest) -> BasketView:
    """What is given is in the basket's total, and in no promotion, tax or refund."""
    shop = request.app[SHOP]
    campaign = shop.catalogue.donations.get(body.campaign)
    if campaign is None:
        raise NotFound(kind="donation campaign", campaign=body.campaign)
    choice = DonationChoice(name=campaign.name, **body.model_dump())
    return _shown(shop, await shop.db.transact(service.set_donation, basket_id, choice, shop.pricing()))


@routes.delete("/api/baskets/{basket_id}/donation", summary="Give nothing besides")
async def drop_donation(request: web.Request, basket_id: Id) -> BasketView:
    shop = request.app[SHOP]
    return _shown(shop, await shop.db.transact(service.set_donation, basket_id, None, shop.pricing()))


def _shown(shop: Shop, basket: Basket) -> BasketView:
    shop.basket_changed(basket)
    return view(basket, shop.catalogue.store.cash_rule)
