"""The fields of a promotion, under the names that every format of ours uses.

`change, id`            what to do with which promotion; no part of its values
`external_id, name`     the retailer's own number, and what shoppers read
`family`                one of `families.py`
`layer, priority`       1 to 99, lower first; -1000 to 1000, decides between equally good ones
`exclusive`             no, unit or basket
`skus, categories, brands, tags, not_skus, not_categories, not_brands, not_tags`
                        the target: lists such as `111|222`; `*` alone in `skus` is every product
`min_unit_price, max_unit_price, not_discounted`
                        the target too: shelf prices, inclusive; yes for units that no earlier layer made cheaper
`n, m, same_sku`        of each n units the m cheapest; n of a group; yes keeps products apart
`reward, value`         percent and `10%`; amount, unit_price, set_amount or set_price and `12.50`
`lesser_value, basis, repeat, set_scope, allocate`
                        yes or no; net or gross; yes or no; yes or no; rewarded or all
`from, to`              `2026-11-30` or `2026-11-30 17:00` by the store's clock, inclusive
`days, hours`           `1-5|7`, Monday is 1; `17:00-19:30`, without the last minute
`coupon, member_tag, stores, channels`
                        codes; the last two are lists
`max_uses_per_customer, max_uses_total, max_units, max_units_per_line, max_applications, max_discount`

Amounts are in the main unit and have at most the currency's decimals: `12.50` for EUR, `1200` for JPY.
"""

from dataclasses import dataclass

from cloud.promotions.imports import values
from cloud.promotions.imports.families import SHAPES
from cloud.promotions.imports.values import Reader


@dataclass(frozen=True, slots=True)
class Field:
    """Where a field stands in the case format, and how it is read."""

    path: tuple[str, ...]
    read: Reader


SELECTOR: dict[str, Reader] = {
    "skus": values.codes,
    "categories": values.codes,
    "brands": values.names,
    "tags": values.codes,
    "not_skus": values.codes,
    "not_categories": values.codes,
    "not_brands": values.names,
    "not_tags": values.codes,
    "min_unit_price": values.amount,
    "max_unit_price": values.amount,
    "not_discounted": values.yes,
}
GATE: dict[str, Reader] = {
    "coupon": values.code,
    "member_tag": values.code,
    "from": values.moment,
    "to": values.moment,
    "days": values.days,
    "hours": values.hours,
    "stores": values.codes,
    "channels": values.codes,
    "max_uses_per_customer": values.whole(1),
    "max_uses_total": values.whole(1),
}
LIMITS: dict[str, Reader] = {
    "max_units": values.whole(1),
    "max_units_per_line": values.whole(1),
    "max_applications": values.whole(1),
    "max_discount": values.amount,
}
TOP: dict[str, Reader] = {
    "external_id": values.code,
    "name": values.name,
    "family": values.one_of(*SHAPES),
    "layer": values.whole(1, 99),
    "priority": values.whole(-1000, 1000),
    "exclusive": values.one_of("no", "unit", "basket"),
    "n": values.whole(1, 9_999),
    "m": values.whole(1, 9_999),
    "same_sku": values.flag,
    "lesser_value": values.flag,
    "basis": values.one_of("net", "gross"),
    "repeat": values.flag,
    "set_scope": values.flag,
    "allocate": values.one_of("rewarded", "all"),
}
FIELDS: dict[str, Field] = {
    **{name: Field((name,), read) for name, read in TOP.items()},
    **{name: Field(("target", name), read) for name, read in SELECTOR.items()},
    **{name: Field(("gate", name), read) for name, read in GATE.items()},
    **{name: Field(("limits", name), read) for name, read in LIMITS.items()},
}
PROMOTION_ID = values.code
CHANGE = values.one_of("add", "modify", "delete", "delete_all")
REWARD = values.one_of("percent", "amount", "unit_price", "set_amount", "set_price")
QUANTITY = values.whole(1, 9_999)
EVERYTHING = "*"
