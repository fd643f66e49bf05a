"""Campaigns of the small shop, and a head office that counts, or plays that it does."""

from dataclasses import dataclass, field
from typing import Any

from edge.checkout.gateway import UsesUncounted
from shared.coupons import written
from shared.model.special import Campaign
from shared.protocol.uses import Reservation, ReservationRequest, ReservedUse
from tests.edge.small_shop import NODE_ID, Thing, Till, promotion

BATCH: dict[str, Any] = {
    "id": "summer", "name": "Summer", "kind": "batch", "text": "SUN", "size": 1000, "max_uses_per_code": 1,
    "key": "k" * 40,
}  # fmt: skip
GIFT: dict[str, Any] = {
    "id": "gift", "name": "Gift card", "kind": "batch", "text": "GIFT", "size": 100, "key": "g" * 40,
    "voucher": {"currency": "GBP", "worth_minor": 1_000, "remainder": "stays"},
}  # fmt: skip
SHARED: dict[str, Any] = {"id": "welcome", "name": "Welcome", "kind": "shared", "text": "WELCOME10", "key": "w" * 40}


def campaign(body: dict[str, Any], **changes: Any) -> Thing:
    changed = {**body, **changes}
    return "coupon", changed["id"], changed


def lease(campaign_id: str, uses: int, node_id: str = NODE_ID) -> Thing:
    return "lease", campaign_id, {"nodes": {node_id: uses}}


def opened_by(campaign_id: str, percent: int = 10, **changes: Any) -> Thing:
    """Return a promotion that a campaign's coupons open."""
    reward = {"kind": "percent", "value": percent * 100}
    body = {
        "id": f"C-{campaign_id}", "name": f"{percent} % with coupon", "family": "special", "layer": 40,
        "gate": {"coupon": campaign_id}, "reward": reward,
    }  # fmt: skip
    return promotion({**body, **changes})


def code(serial: int, body: dict[str, Any] = BATCH) -> str:
    return written(Campaign.model_validate(body), serial)


@dataclass(slots=True)
class PlayedOffice:
    """Answers each reservation with the next of its answers: a result for every use, or silence (None).

    A result may come with what is left on a voucher.
    """

    answers: list[Any] = field(default_factory=list)
    asked: list[ReservationRequest] = field(default_factory=list)

    async def reserve(self, request: ReservationRequest) -> Reservation:
        self.asked.append(request)
        result = self.answers.pop(0) if self.answers else "reserved"
        if result is None:
            raise UsesUncounted
        result, left_minor = result if isinstance(result, tuple) else (result, None)
        return Reservation(
            uses=tuple(ReservedUse(quota=use.quota, result=result, left_minor=left_minor) for use in request.uses)
        )


async def with_coupon(till: Till, text: str, *skus: str) -> dict[str, Any]:
    basket = await till.fill(*(skus or ("mug",)))
    status, shown = await till.call("POST", f"/api/baskets/{basket['id']}/coupons", {"code": text})
    assert status == 200, shown
    return shown


async def states(till: Till) -> list[tuple[str, str, str]]:
    """Return (campaign, granted, state) of all uses."""
    query = "select quota, granted, state from uses order by basket_id, quota"
    return await till.shop.db.transact(lambda tx: tx.rows(query))


async def order(till: Till, basket_id: str) -> Any:
    return (await till.call("GET", f"/api/orders/{basket_id}"))[1]
