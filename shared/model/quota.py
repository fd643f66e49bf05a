"""Quotas: how often something may be used in all stores together, be it a coupon's campaign or a promotion."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.model.strict import Name, Strict, Tolerant
from shared.promotions.families import Promotion

USES_MAX = 10**9
LEASED_MAX = 10_000
LEASED_USES = 5  # what each box may spend while head office is away, where nobody says otherwise
PROMOTION = "promotion:"  # begins a promotion's quota; the id of a campaign has no colon

Uses = Annotated[int, Field(ge=1, le=USES_MAX)]
LeasedUses = Annotated[int, Field(ge=0, le=LEASED_MAX)]
WorthMinor = Annotated[int, Field(ge=1, le=10**9)]
QuotaId = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Grant = Literal["reserved", "leased", "free"]  # by head office; from the box's own lease; nothing had to be counted


class Quota(Strict):
    """How often something may be used. Without a number there is no limit."""

    id: QuotaId
    name: Name
    max_uses_per_code: Uses | None = None
    max_uses_per_customer: Uses | None = None
    max_uses_total: Uses | None = None
    leased_uses: LeasedUses = LEASED_USES
    worth_minor: WorthMinor | None = None  # of each code, where uses take a part of it

    @property
    def is_counted(self) -> bool:
        """Whether a use must be reserved, because some number of uses, or some amount, is the last."""
        limits = (self.max_uses_per_code, self.max_uses_per_customer, self.max_uses_total, self.worth_minor)
        return any(limit is not None for limit in limits)


class Lease(Tolerant):
    """How many uses of a quota each box of a store was ever given to spend without asking, by node.

    used_up: beyond what is leased, nothing is left of it.
    """

    nodes: dict[str, int]
    used_up: bool = False


def promotion_quota(promotion_id: str) -> str:
    return f"{PROMOTION}{promotion_id}"


def is_of_promotion(quota_id: str) -> bool:
    return quota_id.startswith(PROMOTION)


def quota_of(promotion: Promotion) -> Quota | None:
    """Return the quota of a promotion; None where it may be used as often as anybody likes, or never."""
    gate = promotion.gate
    if not gate.max_uses_per_customer and not gate.max_uses_total:
        return None
    return Quota(
        id=promotion_quota(promotion.id),
        name=promotion.title,
        max_uses_per_customer=gate.max_uses_per_customer or None,
        max_uses_total=gate.max_uses_total or None,
    )
