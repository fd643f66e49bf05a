"""What one promotion of an Israeli price-law feed means.

Source: the regulations' list of reward types, and two chains' 4,560 promotions of 2026, read together.

    RewardType  1   DiscountedPrice in all for MinQty units of the items, mixed as one likes: sizes and colours of one
                    product are items too. Of 3,785 descriptions that say "n for x", 3,733 agree with the fields.
                2   DiscountRate in basis points off each unit (DiscountType 0)
                6   buy MinQty of the items, and get AdditionalGiftCount of the gift items for GiftItemPrice
                7   of MinQty units of one product AdditionalGiftCount are free; which items are one product is unsaid
                9   of MinQty units the cheapest gets DiscountRate off; they need not be one product
    MaxQty          units of a basket; 0 is no limit
    ClubId          0 everybody, 1 the chain's club, 2 holders of its credit card, 3 others
    AllowMultipleDiscounts  0: units that it takes are closed to later promotions
    IsWeightedPromo 1: DiscountedPrice is for a kilogram; type 6 counts grams instead
    MinNoOfItemOfered, WeightUnit   about the stock and the unit price: they decide nothing in a basket

What is not certain raises Wrong with a code of `REASONS`. Descriptions prove nothing here; they only speak against.
"""

import re
from collections.abc import Callable

from cloud.promotions.imports import values
from cloud.promotions.imports.families import faults
from cloud.promotions.imports.staged import Values, Wrong, quoted
from cloud.promotions.imports.values import Notation
from cloud.promotions.imports.xml_stream import Element

SHEKEL = Notation("ILS")
LAYER = 10  # item prices and deals; thresholds and coupons stand behind
GRAMS = 1_000  # a number of units from here on is a weight: 3000 is "up to 3 kg"
CLUB_TAG = "club-1"  # the member tag of whoever is in the chain's club
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HOUR = re.compile(r"([0-9]{2}:[0-9]{2})(?::[0-9]{2})?")
QUANTITY = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,3}))?")
RATE = re.compile(r"[1-9][0-9]{2,4}")  # from 100: another chain's 20 might be a whole percentage
PLUS = re.compile(r"(?<![0-9])([0-9]{1,2}) ?\+ ?([0-9]{1,2})(?![0-9])")  # "2+1"

KNOWN = {
    "PromotionId", "PromotionDescription", "PromotionUpdateDate", "PromotionStartDate", "PromotionStartHour",
    "PromotionEndDate", "PromotionEndHour", "RewardType", "AllowMultipleDiscounts", "IsWeightedPromo",
    "AdditionalRestrictions", "AdditionalIsCoupon", "AdditionalGiftCount", "AdditionalIsTotal", "AdditionalIsActive",
    "MinQty", "MaxQty", "MinPurchaseAmnt", "DiscountRate", "DiscountType", "DiscountedPrice", "DiscountedPricePerMida",
    "MinNoOfItemOfered", "WeightUnit", "PromotionItems", "Item", "ItemCode", "ItemType", "IsGiftItem", "GiftItemPrice",
    "Clubs", "ClubId", "Remarks", "Remark",
}  # fmt: skip
REASONS = {
    "duplicate": "The feed has it twice, perhaps with a part of the products each.",
    "inactive": "The chain marks it as not active.",
    "coupon": "It needs a coupon; the feed says neither its code nor how many units one coupon pays for.",
    "payment-means": "It is for holders of a credit card; a basket does not know yet how it will be paid.",
    "clubs": "It is for several clubs, or for one that the law does not describe; a promotion has one member tag.",
    "whole-basket": "It is for the whole basket, of which no example has been seen.",
    "remark": "It has a condition in words.",
    "unknown-field": "It has a field that is not known and may be a condition.",
    "weighed": "It is a price for a kilogram; a weighed item is one unit here.",
    "spend-first": "It opens a price once a purchase reaches an amount, which no family does without taking it.",
    "prices-disagree": "The prices of the set and of a unit differ, as with a bottle deposit in one of them.",
    "percent-of-several": "A percentage for several units: off each set, or off all units from that number on?",
    "reward-type": "What this reward type means is not certain: no example without a coupon has been seen.",
    "contradiction": "Its description speaks against its fields.",
    "gift": "Its gifts have different prices, or there are none, or nothing has to be bought for them.",
    "same-product": "It is for several units of one product; which of its items are one product is not said.",
    "limit": "Its greatest quantity is no multiple of what one set takes.",
    "dates": "Its dates or hours cannot be read with certainty.",
    "unreadable": "A field that it needs is missing or cannot be read.",
}
HINT = "Enter it by hand if it shall hold here too."


def uncertain(code: str, detail: str = "") -> Wrong:
    return Wrong(code, f"{REASONS[code]} ({detail})" if detail else REASONS[code], HINT)


def promotion_of(element: Element) -> Values:
    """Return a promotion in the case format. Raises Wrong, with a code of REASONS unless a value cannot be read."""
    _refuse_conditions(element)
    reward_type = _needed(element, "RewardType")
    if reward_type not in READERS:
        raise uncertain("reward-type", f"RewardType {reward_type}")
    promotion_id = values.code(_needed(element, "PromotionId"), SHEKEL)
    exclusive = {} if _flag(element, "AllowMultipleDiscounts") else {"exclusive": "unit"}
    promotion = {
        "id": promotion_id,
        "external_id": promotion_id,
        "name": values.name(_needed(element, "PromotionDescription"), SHEKEL),
        "layer": LAYER,
        "gate": _gate(element),
        **exclusive,
        **READERS[reward_type](element),
    }
    for _, wrong in faults(promotion, is_whole=True):
        raise wrong
    return promotion


def _refuse_conditions(element: Element) -> None:
    """Raise Wrong for what no promotion of ours could keep, the plainest reason first."""
    restrictions = _only(element, "AdditionalRestrictions")
    clubs = [club.text for club in _only(element, "Clubs").children]
    remarks = [remark.text for list_ in element.children if list_.tag == "Remarks" for remark in list_.children]
    unknown = [part.tag for part in _parts(element) if part.tag not in KNOWN]
    grams = [_thousandths(place, tag) for place, tag in ((element, "MinQty"), (restrictions, "AdditionalGiftCount"))]
    is_weighed = _flag(element, "IsWeightedPromo") or any(number >= GRAMS * 1000 or number % 1000 for number in grams)
    for code, holds, detail in (
        ("inactive", not _flag(restrictions, "AdditionalIsActive"), ""),
        ("coupon", _flag(restrictions, "AdditionalIsCoupon"), ""),
        ("payment-means", "2" in clubs, ""),
        ("clubs", len(clubs) != 1 or clubs[0] not in {"0", "1"}, ", ".join(clubs)),
        ("whole-basket", _flag(restrictions, "AdditionalIsTotal"), ""),
        ("weighed", is_weighed, ""),
        ("spend-first", _thousandths(element, "MinPurchaseAmnt") > 0, element.value("MinPurchaseAmnt") or ""),
        ("remark", bool(remarks), "; ".join(remarks)[:200]),
        ("unknown-field", bool(unknown), ", ".join(unknown)[:200]),
    ):
        if holds:
            raise uncertain(code, detail)


def _parts(element: Element) -> list[Element]:
    return [part for child in element.children for part in (child, *_parts(child))]


def _gate(element: Element) -> Values:
    start, start_hour = _needed(element, "PromotionStartDate"), HOUR.fullmatch(_needed(element, "PromotionStartHour"))
    end, end_hour = _needed(element, "PromotionEndDate"), HOUR.fullmatch(_needed(element, "PromotionEndHour"))
    if not (DATE.fullmatch(start) and DATE.fullmatch(end) and start_hour and end_hour) or end_hour[1] == "00:00":
        raise uncertain("dates")  # an end at midnight: of which side of the day?
    opens = start if start_hour[1] == "00:00" else f"{start} {start_hour[0]}"
    closes = end if end_hour[1] == "23:59" else f"{end} {end_hour[0]}"
    gate = {"from": values.moment(opens, SHEKEL), "to": values.moment(closes, SHEKEL)}
    is_for_club = _only(_only(element, "Clubs"), "ClubId").text == "1"
    return {**gate, "member_tag": CLUB_TAG} if is_for_club else gate


def _price(element: Element) -> Values:
    """Type 1: a price for one unit, or for a set of several."""
    units, price = _whole(element, "MinQty"), values.amount(_needed(element, "DiscountedPrice"), SHEKEL)
    unit_price = element.value("DiscountedPricePerMida")
    if unit_price and abs(price - units * values.amount(unit_price, SHEKEL)) >= units:  # further apart than rounding
        raise uncertain("prices-disagree", f"{units} for {_needed(element, 'DiscountedPrice')}, one for {unit_price}")
    target = {"skus": _bought(element)}
    if units == 1:
        reward = {"kind": "unit_price", "value": price}
        return {"family": "easy", "target": target, "reward": reward, **_limits(element, 1, "max_units")}
    reward = {"kind": "set_price", "value": price}
    return {"family": "group", "target": target, "n": units, "reward": reward, **_limits(element, units)}


def _percent(element: Element) -> Values:
    """Type 2."""
    if _whole(element, "MinQty") != 1:
        raise uncertain("percent-of-several", f"MinQty {element.value('MinQty')}")
    target, reward = {"skus": _bought(element)}, {"kind": "percent", "value": _rate(element)}
    return {"family": "easy", "target": target, "reward": reward, **_limits(element, 1, "max_units")}


def _gift(element: Element) -> Values:
    """Type 6: buy these, get those for a price that may be nothing."""
    items = _only(element, "PromotionItems").children
    gifts = [item for item in items if item.value("IsGiftItem") == "1"]
    bought = [item for item in items if item.value("IsGiftItem") == "0"]
    prices = {values.amount(_needed(gift, "GiftItemPrice"), SHEKEL) for gift in gifts}
    if not bought or len(prices) != 1:
        raise uncertain("gift")
    units, free = _whole(element, "MinQty"), _whole(_only(element, "AdditionalRestrictions"), "AdditionalGiftCount")
    return {
        "family": "requisite_target",
        "requisites": [{"select": {"skus": _codes(bought)}, "qty": units}],
        "targets": [{"select": {"skus": _codes(gifts)}, "qty": free}],
        "reward": {"kind": "unit_price", "value": prices.pop()},
        **_limits(element, units + free),
    }


def _free_of_one_product(element: Element) -> Values:
    """Type 7."""
    if len(_bought(element)) != 1:
        raise uncertain("same-product")
    free = _whole(_only(element, "AdditionalRestrictions"), "AdditionalGiftCount")
    return _of_each_set(element, free, 10_000, same_sku=True)


def _cheapest(element: Element) -> Values:
    """Type 9."""
    return _of_each_set(element, 1, _rate(element), same_sku=False)


def _of_each_set(element: Element, rewarded: int, rate_bp: int, *, same_sku: bool) -> Values:
    units, description = _whole(element, "MinQty"), _needed(element, "PromotionDescription")
    for paid, free in PLUS.findall(description):
        if (int(paid), int(free)) != (units - rewarded, rewarded):
            raise uncertain("contradiction", f"{paid}+{free}")
    return {
        "family": "line_special",
        "target": {"skus": _bought(element)},
        "n": units,
        "m": rewarded,
        "same_sku": same_sku,
        "reward": {"kind": "percent", "value": rate_bp},
        **_limits(element, units),
    }


READERS: dict[str, Callable[[Element], Values]] = {
    "1": _price,
    "2": _percent,
    "6": _gift,
    "7": _free_of_one_product,
    "9": _cheapest,
}


def _limits(element: Element, units: int, name: str = "max_applications") -> Values:
    """units: what one application takes."""
    most = _thousandths(element, "MaxQty")
    if most % (units * 1000):
        raise uncertain("limit", f"{element.value('MaxQty')} of {units}")
    return {"limits": {name: most // 1000 // units}} if most else {}


def _bought(element: Element) -> list[str]:
    items = _only(element, "PromotionItems").children
    if any(item.value("IsGiftItem") != "0" for item in items):
        raise uncertain("gift")
    return _codes(items)


def _codes(items: list[Element]) -> list[str]:
    return values.distinct(values.code(_needed(item, "ItemCode"), SHEKEL) for item in items)


def _only(element: Element, tag: str) -> Element:
    found = [child for child in element.children if child.tag == tag]
    if len(found) != 1:
        raise uncertain("unreadable", tag)
    return found[0]


def _needed(element: Element, tag: str) -> str:
    text = element.value(tag)
    if text is None:
        raise uncertain("unreadable", tag)
    return text


def _flag(element: Element, tag: str) -> bool:
    text = _needed(element, tag)
    if text not in {"0", "1"}:
        raise uncertain("unreadable", f"{tag} {quoted(text)}")
    return text == "1"


def _rate(element: Element) -> int:
    """Return basis points."""
    text = _needed(element, "DiscountRate")
    if not RATE.fullmatch(text) or int(text) > 10_000 or element.value("DiscountType") != "0":
        raise uncertain("unreadable", f"DiscountRate {quoted(text)}")
    return int(text)


def _thousandths(element: Element, tag: str) -> int:
    """Return a quantity that may be missing; then it is 0."""
    text = element.value(tag) or "0"
    found = QUANTITY.fullmatch(text)
    if not found:
        raise uncertain("unreadable", f"{tag} {quoted(text)}")
    return int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0"))


def _whole(element: Element, tag: str) -> int:
    """Return a whole number of units, one at least."""
    number = _thousandths(element, tag)
    if number < 1000 or number % 1000:
        raise uncertain("unreadable", f"{tag} {quoted(element.value(tag) or '')}")
    return number // 1000
