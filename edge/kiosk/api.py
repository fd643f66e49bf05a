"""Doors for a kiosk's screen: its state, once or live."""

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from edge.baskets import service as baskets
from edge.baskets.models import view
from edge.capability import Capability
from edge.checkout.models import PaidOrder, paid
from edge.database import Transaction
from edge.handover import service as handover
from edge.handover.models import ArrivedView, ParkedView, parked_view
from edge.kiosk.models import CapabilitiesView, DeviceView, HeadOfficeView, LaneView, NoticeView
from edge.orders import service as orders
from edge.receipts import service as receipts
from edge.shop import SHOP, Shop
from shared.api.live import stream
from shared.api.routes import Routes
from shared.model.basket import Basket
from shared.model.strict import Code

routes = Routes("kiosk")

CAPABILITIES: web.AppKey[tuple[Capability, ...]] = web.AppKey("capabilities", tuple)

ORDER_SHOWN = timedelta(seconds=60)  # how long the thank-you of the last order can be seen


@routes.get("/api/lanes/{lane}", summary="What stands at a lane now")
async def show_lane(request: web.Request, lane: Code) -> LaneView:
    return await lane_view(request.app[SHOP], lane)


@routes.get("/api/lanes/{lane}/live", summary="What stands at a lane, as server-sent events")
async def watch_lane(request: web.Request, lane: Code) -> web.StreamResponse:
    """Each event's data is a whole `LaneView`: one at once and one after every change."""
    shop = request.app[SHOP]
    shop.demand_lane(lane)
    return await stream(request, shop.hub.states(f"lane:{lane}", lambda: lane_view(shop, lane)))


@routes.get("/api/capabilities", summary="What this box can do, and what of it while head office is away")
async def show_capabilities(request: web.Request) -> CapabilitiesView:
    return CapabilitiesView(capabilities=request.app[CAPABILITIES])


async def lane_view(shop: Shop, lane: str) -> LaneView:
    """Read a lane's whole state. Raises NotFound."""
    shop.demand_lane(lane)
    stands = await shop.db.transact(_standing, shop, lane)
    trouble = shop.trouble(lane)
    contact = shop.line.last_contact_at
    prices = shop.prices()
    return LaneView(
        lane=lane,
        basket=view(stands.basket, shop.catalogue.store.cash_rule) if stands.basket else None,
        order=stands.order,
        parked=stands.parked,
        arrived=stands.arrived,
        hands_over=len(shop.catalogue.neighbours) > 1 or len(set(shop.lanes())) > 1,
        notice=NoticeView(
            id=trouble.id,
            code=trouble.error.code,
            title=trouble.error.title,
            hint=trouble.error.hint,
            facts={name: str(fact) for name, fact in trouble.error.facts.items()},
            at=trouble.at.isoformat(),
        )
        if trouble
        else None,
        devices=tuple(
            DeviceView(
                name=device.name,
                kind=device.kind,
                state=device.state,
                code=device.code,
                title=device.title,
                hint=device.hint,
            )
            for device in sorted(shop.devices.values(), key=lambda device: device.name)
        ),
        head_office=HeadOfficeView(
            online=shop.line.online,
            last_contact_at=contact.isoformat() if contact else None,
            unsent=shop.line.unsent,
            prices_as_of=prices.as_of.isoformat() if prices.as_of else None,
            prices=prices.state,
        ),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at a lane: a basket and where it came from, or what became of the one before."""

    basket: Basket | None = None
    arrived: ArrivedView | None = None
    order: PaidOrder | None = None
    parked: ParkedView | None = None


def _standing(tx: Transaction, shop: Shop, lane: str) -> Standing:
    basket = baskets.of_lane(tx, lane, shop.pricing()) if shop.catalogue.is_ready else None
    if basket is not None:
        return Standing(basket, handover.arrived(tx, basket.id, shop.catalogue.neighbours))
    now = shop.clock.now()
    order = orders.latest_of_lane(tx, lane)
    if order is not None and not now - ORDER_SHOWN <= order.placed_at <= now:  # later than now: the clock was set back
        order = None
    parked = handover.parked_at(tx, lane, now)
    if parked is not None and shop.catalogue.is_ready and (order is None or order.placed_at < parked.at):
        return Standing(parked=parked_view(parked, shop.catalogue.store.currency))
    return Standing(order=paid(order, receipts.printing(tx, order.id)) if order else None)
