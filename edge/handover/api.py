"""Doors for parking a basket and going on with it; and those at which other boxes of the store ask for one."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from edge.baskets.models import BasketView, view
from edge.handover import fetching, service
from edge.handover.models import WRONG_OF_BOX_MAX, ParkedView, parked_view
from edge.shop import SHOP, Shop
from shared.api.routes import Routes, idempotency_key
from shared.model.strict import Code, Id, Strict
from shared.protocol.handover import (
    Claim,
    Found,
    Handed,
    Lookup,
    make_found,
    make_handed,
    verify_claim,
    verify_lookup,
)
from shared.protocol.neighbours import Neighbour, NotANeighbour

routes = Routes("handover")
between = Routes("handover")  # what boxes say to each other


class ContinueRequest(Strict):
    """The code under which a basket waits, as it was typed or scanned."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=100)]


@routes.post("/api/baskets/{basket_id}/parking", summary="Let a basket wait under a code, to go on at another till")
async def park(request: web.Request, basket_id: Id) -> ParkedView:
    """The lane is free for the next basket. A repeat answers the same code."""
    shop = request.app[SHOP]
    key = idempotency_key(request)
    parked = await shop.db.transact(service.park, basket_id, shop.pricing(), shop.clock.now(), key)
    shop.basket_changed(parked.basket)
    return parked_view(parked.handover, parked.basket.currency)


@routes.post("/api/lanes/{lane}/continued", summary="Go on with a basket that waits under a code")
async def continue_basket(request: web.Request, lane: Code, body: ContinueRequest) -> BasketView:
    """It may wait at any till of the store. A repeat answers the basket that is there."""
    shop = request.app[SHOP]
    basket = await fetching.continue_at(shop, lane, body.code)
    return view(basket, shop.catalogue.store.cash_rule)


@between.post("/baskets/lookups", summary="Ask whether a basket waits here")
async def look_up(request: web.Request, body: Lookup) -> Found:
    shop = request.app[SHOP]
    neighbour, key, now_s = _neighbour(shop, body.by, body.to), shop.identity.key, shop.clock.monotonic_s()
    verify_lookup(body, neighbour.public_key)
    shop.desk.demand_patience(body.by, now_s, WRONG_OF_BOX_MAX)
    found = await shop.db.transact(service.find, body.code, body.by)
    if found is None:
        shop.desk.was_wrong(body.by, body.code, now_s)
        return make_found(key, body, "unknown")
    known = found.handover
    if not found.may_be_claimed:
        return make_found(key, body, known.state, holder=known.node_id if known.state == "given" else None)
    nonce = shop.desk.number(body.by, body.code, now_s)
    return make_found(key, body, known.state, holder=known.node_id, nonce=nonce, pack_version=found.pack_version)


@between.post("/baskets/claims", summary="Take a basket over that waits here")
async def claim(request: web.Request, body: Claim) -> Handed:
    """From now on it is the claimer's. One that lost the answer asks again."""
    shop = request.app[SHOP]
    verify_claim(body, _neighbour(shop, body.by, body.to).public_key)
    shop.desk.spend(body.nonce, body.by, body.code, shop.clock.monotonic_s())
    now = shop.clock.now()
    given = await shop.db.transact(service.give, body.code, body.by, now, with_pack=body.with_pack)
    shop.announce_all_lanes()
    return make_handed(shop.identity.key, body, given.basket, given.pack)


def _neighbour(shop: Shop, by: str, to: str) -> Neighbour:
    """Return who asks, as far as it says; its signature is to prove it. Raises NotANeighbour."""
    found = shop.catalogue.neighbours.get(by)
    if found is None or by == shop.identity.node_id or to != shop.identity.node_id:
        raise NotANeighbour
    return found
