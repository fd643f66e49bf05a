"""Uses as this box counts them, and what it may use by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.model.quota import Grant, Lease

Refusal = Literal["code_used", "customer_used", "used_up", "unknown", "too_little"]
Result = Literal["reserved"] | Refusal  # head office's word on a use


@dataclass(frozen=True, slots=True)
class Use:
    """A use that a basket's payment holds. digest: of a coupon's code; minor: what it takes off a voucher's."""

    quota: str
    digest: str | None
    customer: str | None
    grant: Grant
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What one box may use without asking, by quota, and whether there is nobody to ask."""

    leases: Mapping[str, Lease] = field(default_factory=dict)
    node_id: str = ""
    is_away: bool = True

    def leased(self, quota_id: str) -> int:
        """Return how many uses the box was ever given."""
        lease = self.leases.get(quota_id)
        return lease.nodes.get(self.node_id, 0) if lease else 0

    def is_used_up(self, quota_id: str) -> bool:
        """Tell whether there is nothing beyond what the box was given, as far as it knows."""
        lease = self.leases.get(quota_id)
        return self.is_away or (lease is not None and lease.used_up)


NO_SHARE = Share()


@dataclass(frozen=True, slots=True)
class Unreturned:
    """A reservation that head office shall forget."""

    basket_id: str
    attempt: str
    quota: str
