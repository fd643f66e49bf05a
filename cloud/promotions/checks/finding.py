"""What a check looks at, and what it finds."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cloud.promotions.models import Finding
from shared.promotions.families import Promotion


@dataclass(frozen=True, slots=True)
class Shops:
    """What head office knows around a promotion.

    zones: the stores' time zones, by their codes. prices_minor: by sku, as far as they were asked for. unknown_skus:
    those that are named and in no catalogue; unmatched: the selectors, by place, that take no product of it.
    """

    zones: Mapping[str, str]
    prices_minor: Mapping[str, int]
    now: datetime
    unknown_skus: Collection[str] = ()
    unmatched: Collection[int] = ()


Check = Callable[[Promotion, Shops], Iterator[Finding]]


def found(field: str, code: str, message: str, severity: Literal["error", "warning"] = "error") -> Finding:
    return Finding(severity=severity, field=field, code=code, message=message)
