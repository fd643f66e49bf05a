"""The doors for other boxes of the store, on a port of their own, and one for the staff of this one."""

import shutil

from aiohttp import web

from edge.callers import demand_attendant
from edge.neighbours import service
from edge.neighbours.models import NeighboursView
from edge.shop import SHOP, Shop
from shared.api.problems import answer_errors
from shared.api.routes import Routes, install
from shared.model.strict import Id
from shared.protocol.batch import BATCH_BYTES_MAX
from shared.protocol.neighbours import Copy, Held, HeldQuery, Neighbour, NotANeighbour, make_held, verify_copy

routes = Routes("neighbours")
between = Routes("neighbours")  # what boxes say to each other

BODY_BYTES_MAX = 2 * BATCH_BYTES_MAX + 100_000  # entries are escaped inside JSON


@routes.get("/api/neighbours", summary="The other boxes of this store, and what they keep of each other")
async def show_neighbours(request: web.Request) -> NeighboursView:
    demand_attendant(request)
    shop = request.app[SHOP]
    return await shop.db.transact(service.view, shop.catalogue.neighbours, shop.company)


@between.post("/copies", summary="Keep entries of a neighbour")
async def keep_copy(request: web.Request, body: Copy) -> Held:
    shop = request.app[SHOP]
    neighbour = _neighbour(shop, body.node_id)
    verify_copy(body, neighbour.public_key)
    if shutil.disk_usage(shop.db.path.parent).free < service.FREE_BYTES_MIN:
        raise service.NoRoomForCopies
    seq = await shop.db.transact(service.keep, body, neighbour, shop.identity.enrolled.signing_key)
    return make_held(shop.identity.key, body.node_id, shop.identity.node_id, seq, body.nonce)


@between.get("/copies/{node_id}", summary="How far a neighbour's entries are held here")
async def show_held(request: web.Request, node_id: Id, query: HeldQuery) -> Held:
    shop = request.app[SHOP]
    _neighbour(shop, node_id)
    seq = await shop.db.transact(service.held_seq, node_id)
    return make_held(shop.identity.key, node_id, shop.identity.node_id, seq, query.nonce)


def _neighbour(shop: Shop, node_id: str) -> Neighbour:
    found = shop.catalogue.neighbours.get(node_id)
    if found is None or node_id == shop.identity.node_id:
        raise NotANeighbour
    return found


def application(shop: Shop) -> web.Application:
    """Build the doors that other boxes knock at; nothing else of this box can be reached through them."""
    app = web.Application(middlewares=[answer_errors], client_max_size=BODY_BYTES_MAX)
    app[SHOP] = shop
    install(app, between.routes)
    return app
