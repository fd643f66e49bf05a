"""The doors for other boxes of the store, on a port of their own, and one for the staff of this one."""

import asyncio
import shutil

from aiohttp import web
from aiohttp.typedefs import Handler

from edge.callers import demand_attendant
from edge.neighbours import admission, service
from edge.neighbours.admission import Admission
from edge.neighbours.models import NeighboursView
from edge.shop import SHOP, Shop
from shared.api.problems import answer_errors
from shared.api.routes import Route, Routes, install
from shared.model.strict import Id
from shared.protocol.neighbours import PROOF_HEADER, Copy, Held, HeldQuery, make_held, verify_copy

routes = Routes("neighbours")
between = Routes("neighbours")  # what boxes say to each other
ADMISSION = web.AppKey("ADMISSION", Admission)


@routes.get("/api/neighbours", summary="The other boxes of this store, and what they keep of each other")
async def show_neighbours(request: web.Request) -> NeighboursView:
    demand_attendant(request)
    shop = request.app[SHOP]
    return await shop.db.transact(service.view, shop.catalogue.neighbours, shop.company)


@between.post("/copies", summary="Keep entries of a neighbour")
async def keep_copy(request: web.Request, body: Copy) -> Held:
    shop = request.app[SHOP]
    neighbour = service.neighbour(shop.catalogue.neighbours, shop.identity.node_id, body.node_id)
    verify_copy(body, neighbour.public_key)
    if shutil.disk_usage(shop.db.path.parent).free < service.FREE_BYTES_MIN:
        raise service.NoRoomForCopies
    seq = await shop.db.transact(service.keep, body, neighbour, shop.identity.enrolled.signing_key)
    return make_held(shop.identity.key, body.node_id, shop.identity.node_id, seq, body.nonce)


@between.get("/copies/{node_id}", summary="How far a neighbour's entries are held here")
async def show_held(request: web.Request, node_id: Id, query: HeldQuery) -> Held:
    shop = request.app[SHOP]
    service.neighbour(shop.catalogue.neighbours, shop.identity.node_id, node_id)
    seq = await shop.db.transact(service.held_seq, node_id)
    return make_held(shop.identity.key, node_id, shop.identity.node_id, seq, query.nonce)


@web.middleware
async def _admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Read a body only after it is known whose it may be, and how large."""
    if not request.body_exists:
        return await handler(request)
    shop = request.app[SHOP]
    sender = admission.sender(request.headers.get(PROOF_HEADER), shop.catalogue.neighbours, shop.identity.node_id)
    if (request.content_length or 0) > sender.size_max:
        raise web.HTTPRequestEntityTooLarge(sender.size_max, request.content_length or 0)
    async with request.app[ADMISSION].turn_of(sender):
        bounded = request.clone(client_max_size=sender.size_max)
        try:
            async with asyncio.timeout(admission.BODY_TIMEOUT_S):
                sender.demand(await bounded.read())
        except TimeoutError as error:
            raise web.HTTPRequestTimeout from error
        return await handler(bounded)


def application(shop: Shop, *others: Route) -> web.Application:
    """Build the doors that other boxes knock at; nothing else of this box can be reached through them.

    others: doors of other features for boxes.
    """
    app = web.Application(middlewares=[answer_errors, _admit])
    app[SHOP] = shop
    app[ADMISSION] = Admission()
    install(app, [*between.routes, *others])
    return app
