"""Israel's price-law feeds: what is certain becomes a promotion, everything else is listed with its reason."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from cloud.promotions.imports import price_law
from cloud.promotions.imports.price_law import shares
from cloud.promotions.imports.price_law_terms import REASONS
from cloud.promotions.imports.staged import BadPromotionFile, Staged
from tests.cloud.promotions.imports.reading import added

FEEDS = Path(__file__).resolve().parents[5] / "shared" / "data" / "pricefeeds"
FIELDS = {
    "PromotionId": "1", "PromotionDescription": "גבינה", "PromotionUpdateDate": "2026-01-01 00:00",
    "PromotionStartDate": "2026-02-01", "PromotionStartHour": "00:00:00", "PromotionEndDate": "2026-03-07",
    "PromotionEndHour": "23:59:00", "RewardType": "1", "AllowMultipleDiscounts": "1", "IsWeightedPromo": "0",
    "MinQty": "1.00", "MinNoOfItemOfered": "10",
}  # fmt: skip
RESTRICTIONS = {
    "AdditionalIsCoupon": "0",
    "AdditionalGiftCount": "0",
    "AdditionalIsTotal": "0",
    "AdditionalIsActive": "1",
}


def item(code: str, gift_price: str = "") -> str:
    price = f"<GiftItemPrice>{gift_price}</GiftItemPrice>" if gift_price else ""
    return f"<Item><ItemCode>{code}</ItemCode><IsGiftItem>{int(bool(gift_price))}</IsGiftItem>{price}</Item>"


def promotion(*items: str, clubs: tuple[str, ...] = ("0",), more: str = "", **fields: str | None) -> str:
    """Return one promotion as a feed writes it; a field that is None is left out."""
    written = {**FIELDS, **RESTRICTIONS, **fields}

    def some(names: Any) -> str:
        return "".join(f"<{name}>{written[name]}</{name}>" for name in names if written[name] is not None)

    return (
        f"<Promotion>{some(written.keys() - RESTRICTIONS)}"
        f"<AdditionalRestrictions>{some(RESTRICTIONS)}</AdditionalRestrictions>"
        f"<PromotionItems>{''.join(items or [item('111')])}</PromotionItems>"
        f"<Clubs>{''.join(f'<ClubId>{club}</ClubId>' for club in clubs)}</Clubs>{more}</Promotion>"
    )


def feed(*promotions: str) -> Staged:
    text = f"<Root><ChainId>1</ChainId><Promotions>{''.join(promotions)}</Promotions></Root>"
    return price_law.read(text.encode("utf-8-sig"))


PRICE: dict[str, Any] = {"DiscountedPrice": "9.90", "DiscountedPricePerMida": "9.90"}
SET: dict[str, Any] = {"MinQty": "3.00", "DiscountedPrice": "10.00", "DiscountedPricePerMida": "3.33"}
HALF: dict[str, Any] = {"RewardType": "9", "MinQty": "2.00", "DiscountRate": "5000", "DiscountType": "0"}
GIFT: dict[str, Any] = {"RewardType": "6", "MinQty": "2.00", "MaxQty": "0.00", "AdditionalGiftCount": "1"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (promotion(**PRICE), {"family": "easy", "reward": {"kind": "unit_price", "value": 990}}),
        (promotion(**PRICE, MaxQty="3.00"), {"family": "easy", "limits": {"max_units": 3}}),
        (promotion(item("1"), item("2"), item("1"), **SET),
         {"family": "group", "n": 3, "reward": {"kind": "set_price", "value": 1000}, "target": {"skus": ["1", "2"]}}),
        (promotion(**SET, MaxQty="6.00"), {"family": "group", "limits": {"max_applications": 2}}),
        (promotion(RewardType="2", DiscountRate="7000", DiscountType="0"),
         {"family": "easy", "reward": {"kind": "percent", "value": 7000}}),
        (promotion(**HALF), {"family": "line_special", "n": 2, "m": 1, "same_sku": False,
                             "reward": {"kind": "percent", "value": 5000}}),
        (promotion(RewardType="7", MinQty="3.00", AdditionalGiftCount="1", PromotionDescription="קרם 2+1"),
         {"family": "line_special", "n": 3, "m": 1, "same_sku": True, "reward": {"kind": "percent", "value": 10_000}}),
        (promotion(item("1"), item("2"), item("9", "0.00"), **GIFT),
         {"family": "requisite_target", "requisites": [{"select": {"skus": ["1", "2"]}, "qty": 2}],
          "targets": [{"select": {"skus": ["9"]}, "qty": 1}], "reward": {"kind": "unit_price", "value": 0}}),
        (promotion(**PRICE, clubs=("1",)),
         {"gate": {"from": "2026-02-01", "to": "2026-03-07", "member_tag": "club-1"}}),
        (promotion(**PRICE, AllowMultipleDiscounts="0"), {"exclusive": "unit"}),
        (promotion(**PRICE, PromotionStartHour="08:00:00", PromotionEndHour="14:30"),
         {"gate": {"from": "2026-02-01T08:00:00", "to": "2026-03-07T14:30"}}),
        (promotion(**PRICE, PromotionDescription='3 ב-10 ש"ח'), {"name": '3 ב-10 ש"ח', "id": "1", "external_id": "1"}),
    ],
)  # fmt: skip
def test_what_is_certain_becomes_a_promotion(text: str, expected: dict[str, Any]) -> None:
    [found] = added(feed(text))

    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (promotion(**PRICE, AdditionalIsActive="0"), "inactive"),
        (promotion(**PRICE, AdditionalIsCoupon="1"), "coupon"),
        (promotion(**PRICE, clubs=("2",)), "payment-means"),
        (promotion(**PRICE, clubs=("1", "2")), "payment-means"),
        (promotion(**PRICE, clubs=("1", "5")), "clubs"),
        (promotion(**PRICE, clubs=("3",)), "clubs"),
        (promotion(**PRICE, clubs=()), "clubs"),
        (promotion(**PRICE, AdditionalIsTotal="1"), "whole-basket"),
        (promotion(**PRICE, IsWeightedPromo="1"), "weighed"),
        (promotion(**PRICE | {"MinQty": "0.01"}), "weighed"),
        (promotion(item("1"), item("9", "59.90"), **GIFT | {"MinQty": "3000.00", "AdditionalGiftCount": "3000"}),
         "weighed"),
        (promotion(**PRICE, MinPurchaseAmnt="75.00"), "spend-first"),
        (promotion(**PRICE, more="<Remarks><Remark>על כל הסניף</Remark></Remarks>"), "remark"),
        (promotion(**PRICE, more="<RedemptionLimit>1</RedemptionLimit>"), "unknown-field"),
        (promotion(**SET | {"DiscountedPricePerMida": "3.03"}), "prices-disagree"),
        (promotion(RewardType="2", MinQty="3.00", DiscountRate="2000", DiscountType="0"), "percent-of-several"),
        (promotion(RewardType="3", DiscountRate="3500", DiscountType="1"), "reward-type"),
        (promotion(RewardType="10", **SET), "reward-type"),
        (promotion(**HALF | {"MinQty": "4.00"}, PromotionDescription="מזון 1+3"), "contradiction"),
        (promotion(item("1"), item("2"), RewardType="7", MinQty="3.00", AdditionalGiftCount="1"), "same-product"),
        (promotion(item("8", "1.00"), item("9", "0.00"), item("1"), **GIFT), "gift"),
        (promotion(item("9", "0.00"), **GIFT), "gift"),
        (promotion(item("1"), item("9", "0.00"), **PRICE), "gift"),
        (promotion(**SET, MaxQty="4.00"), "limit"),
        (promotion(**PRICE, PromotionEndHour="00:00:00"), "dates"),
        (promotion(**PRICE, PromotionStartDate="01/02/2026"), "dates"),
        (promotion(**PRICE, PromotionEndDate="2026-02-30"), "unreadable"),
        (promotion(**PRICE, PromotionEndDate="2026-01-30"), "unreadable"),
        (promotion(**PRICE | {"DiscountedPrice": "9.905"}), "unreadable"),
        (promotion(**PRICE | {"DiscountedPrice": None}), "unreadable"),
        (promotion(**PRICE, IsWeightedPromo=None), "unreadable"),
        (promotion(**PRICE, PromotionId="=cmd()"), "unreadable"),
        (promotion(RewardType="2", DiscountRate="20", DiscountType="0"), "unreadable"),
        (promotion(RewardType="2", DiscountRate="2000", DiscountType="1"), "unreadable"),
        (promotion(**HALF | {"MinQty": "1.00", "RewardType": "7"}), "unreadable"),
        ("<Promotion/>", "unreadable"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_listed_with_its_reason(text: str, reason: str) -> None:
    staged = feed(text, promotion(**PRICE, PromotionId="2"))

    assert [problem.code for problem in staged.problems] == [reason]
    assert staged.problems[0].message.startswith(REASONS[reason])
    assert [change.promotion_id for change in staged.changes] == ["2"]


def test_a_promotion_that_stands_twice_is_taken_from_neither_place() -> None:
    staged = feed(promotion(item("1"), **PRICE), promotion(item("2"), **PRICE), promotion(**PRICE, PromotionId="2"))

    assert [problem.code for problem in staged.problems] == ["duplicate", "duplicate"]
    assert [change.promotion_id for change in staged.changes] == ["2"]


def test_an_empty_feed_changes_nothing() -> None:
    assert (feed().changes, feed().problems) == ((), ())
    assert str(shares(feed())).split()[:2] == ["0", "0.0"]


def test_another_document_is_no_feed() -> None:
    with pytest.raises(BadPromotionFile, match="<Prices> and not <Root>"):
        price_law.read(b"<Prices/>")


@pytest.fixture(scope="module")
def real_feeds() -> list[Staged]:
    """The feeds of three stores, which may be read but not kept: their licence allows no commercial use."""
    paths = sorted(FEEDS.glob("PromoFull*.xml.gz"))
    if not paths:
        pytest.skip("the price-law feeds are not beside the checkout")
    return [price_law.read(gzip.decompress(path.read_bytes())) for path in paths]


def test_the_real_promotions_are_all_accounted_for(real_feeds: list[Staged]) -> None:
    found = shares(*real_feeds)

    assert found.promotions == 4_560
    assert found.families == {"easy": 2_069, "group": 1_634, "line_special": 62, "requisite_target": 1}
    assert found.reasons == {
        "weighed": 261, "prices-disagree": 228, "coupon": 219, "spend-first": 50, "payment-means": 26,
        "same-product": 5, "inactive": 3, "clubs": 1, "contradiction": 1,
    }  # fmt: skip
    assert "3766  82.6 %  mapped" in str(found)


def test_the_engine_takes_every_real_promotion_that_was_mapped(real_feeds: list[Staged]) -> None:
    for staged in real_feeds:
        added(Staged(staged.changes, ()))


def test_mapped_prices_are_those_that_the_descriptions_promise(real_feeds: list[Staged]) -> None:
    """The descriptions were not read for the mapping, and so they can check it: "3 ב 10" is three for 10.00."""
    promised = 0
    for change in (change for staged in real_feeds for change in staged.changes):
        reward = change.values["reward"]
        if reward["kind"] in {"unit_price", "set_price"}:
            units = change.values.get("n", 1)
            price = f"{reward['value'] // 100}.{reward['value'] % 100:02}".removesuffix("0").removesuffix(".0")
            name = change.values["name"].replace(" ", "").replace("-", "")
            promised += (f"{units}ב{price}" if units > 1 else f"ב{price}") in name

    assert promised / sum(map(len, (staged.changes for staged in real_feeds))) > 0.9
