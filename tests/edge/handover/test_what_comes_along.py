"""What a basket was given besides its lines goes on elsewhere, or is told by name: no wrong price, no use too many."""

from pathlib import Path
from typing import Any

from tests.edge.handover.street import Street, go_on, open_street, park
from tests.edge.neighbours.test_copies import OTHER
from tests.edge.small_shop import NODE_ID, STAFF, Till, publish
from tests.edge.specials.world import BATCH, GIFT, SHARED, campaign, code, lease, opened_by, states, with_coupon
from tests.edge.uses.test_promotions import limited

SEA = ("donation", "sea", {"id": "sea", "name": "Sea rescue"})


async def carry(street: Street, basket_id: str) -> dict[str, Any]:
    """Park at the one box and go on at the other; returns the basket there."""
    _, answer = await park(street.kiosk, basket_id)
    status, there = await go_on(street.other, answer["code"])
    assert status == 200, there
    return there


async def arrived(street: Street) -> dict[str, Any]:
    found: dict[str, Any] = (await street.other.lane())["arrived"]
    return found


async def pay_what_is_shown(till: Till, basket: dict[str, Any]) -> tuple[int, Any]:
    tender = {"kind": "cash", "tendered_minor": 100_000}
    body = {"tender": tender, "total_minor": basket["total_minor"]}
    return await till.call("POST", f"/api/baskets/{basket['id']}/checkout", body)


async def test_discounts_of_staff_the_member_and_the_donation_come_along(tmp_path: Path) -> None:
    async with open_street(tmp_path, SEA) as street:
        basket = await street.kiosk.fill("oil", "soap")
        path = f"/api/baskets/{basket['id']}"
        given = {"percent_bp": 1000, "reason": "פגום", "operator": "Ελένη"}
        await street.kiosk.call("POST", f"{path}/operator-discounts", given, **STAFF)
        await street.kiosk.call("PUT", f"{path}/member", {"customer": "c-1", "tags": ["gold"]}, **STAFF)
        _, shown = await street.kiosk.call("PUT", f"{path}/donation", {"campaign": "sea", "round_to_minor": 100})

        there = await carry(street, basket["id"])
        status, paid = await pay_what_is_shown(street.other, there)
        order = (await street.other.call("GET", f"/api/orders/{paid['id']}"))[1]

        same = ("total_minor", "discount_minor", "operator_discounts", "donation")
        assert {name: there[name] for name in same} == {name: shown[name] for name in same}
        assert (status, order["operator_discounts"][0]["operator"], order["donation"]["campaign"]) == (
            200,
            "Ελένη",
            "sea",
        )


async def test_a_coupon_is_counted_once_where_the_basket_is_paid(tmp_path: Path) -> None:
    things = (campaign(BATCH), opened_by("summer"), lease("summer", 1, OTHER.node_id))
    async with open_street(tmp_path, *things) as street:
        shown = await with_coupon(street.kiosk, code(1), "mug")
        there = await carry(street, shown["id"])
        # The same code in another basket of the first box, which has no lease and no line: it is not paid with there.
        again = await with_coupon(street.kiosk, code(1), "mug")
        refused = await street.kiosk.pay(again["id"])

        assert (await pay_what_is_shown(street.other, there))[0] == 200
        assert there["coupons"] == shown["coupons"]
        assert await states(street.other) == [("summer", "leased", "used")]
        assert {state for _, _, state in await states(street.kiosk)} == {"asked"}  # and so it is given back
        assert refused[1]["code"] == "coupon-not-checked"


async def test_a_lease_stays_with_its_box(tmp_path: Path) -> None:
    things = (campaign(BATCH), opened_by("summer"), lease("summer", 1, NODE_ID))
    async with open_street(tmp_path, *things) as street:
        shown = await with_coupon(street.kiosk, code(1), "mug")
        there = await carry(street, shown["id"])

        refused = await pay_what_is_shown(street.other, there)
        _, without = await street.other.call("DELETE", f"/api/baskets/{there['id']}/coupons/summer")
        paid = await pay_what_is_shown(street.other, without)

        assert (refused[1]["code"], paid[0], paid[1]["total_minor"]) == ("coupon-not-checked", 200, 500)


async def test_a_promotion_of_which_this_box_has_no_use_is_told_by_name_with_both_totals(tmp_path: Path) -> None:
    things = (limited(max_uses_total=4), ("lease", "promotion:L1", {"nodes": {NODE_ID: 2}}))
    async with open_street(tmp_path, *things) as street:
        shown = await street.kiosk.fill("mug", "milk")
        assert shown["discount_minor"] == 250

        there = await carry(street, shown["id"])

        assert there["total_minor"] == shown["total_minor"] + 250
        assert await arrived(street) == {
            "code": (await arrived(street))["code"],
            "place": "kiosk",
            "missing": ["Mugs at half price"],
            "shown_minor": shown["total_minor"],
            "due_minor": there["total_minor"],
        }
        assert (await pay_what_is_shown(street.other, there))[0] == 200
        assert (await states(street.other), await states(street.kiosk)) == ([], [])


async def test_a_coupon_that_does_not_hold_here_is_left_out_and_told_by_name(tmp_path: Path) -> None:
    async with open_street(tmp_path, campaign(SHARED), opened_by("welcome")) as street:
        await publish(street.other.shop.catalogue, ("coupon", "welcome", None))  # it was ended; only one box knows
        shown = await with_coupon(street.kiosk, "WELCOME10", "mug")

        there = await carry(street, shown["id"])

        assert (there["coupons"], there["total_minor"]) == ([], 500)
        assert (await arrived(street))["missing"] == ["Welcome"]
        assert (await pay_what_is_shown(street.other, there))[0] == 200


async def test_a_voucher_brings_what_either_box_knows_to_be_left_on_it(tmp_path: Path) -> None:
    gift = campaign(GIFT, max_uses_per_code=None)
    leases = ("lease", "gift", {"nodes": {NODE_ID: 5, OTHER.node_id: 5}})
    async with open_street(tmp_path, gift, leases) as street:
        spent = await with_coupon(street.other, code(1, GIFT), "oil")  # takes 899 of 1,000 off the code, unheard here
        assert (await street.other.pay(spent["id"]))[0] == 200
        shown = await with_coupon(street.kiosk, code(1, GIFT), "mug")
        assert shown["total_minor"] == 0

        there = await carry(street, shown["id"])

        assert (there["total_minor"], there["coupons"][0]["left_minor"]) == (399, 0)
        assert ((await arrived(street))["missing"], (await arrived(street))["shown_minor"]) == ([], 0)
        assert (await pay_what_is_shown(street.other, there))[0] == 200


async def test_a_voucher_that_is_spent_here_is_told_by_name(tmp_path: Path) -> None:
    leases = ("lease", "gift", {"nodes": {NODE_ID: 5, OTHER.node_id: 5}})
    async with open_street(tmp_path, campaign(GIFT), leases) as street:
        spent = await with_coupon(street.other, code(1, GIFT), "oil", "oil")
        assert (await street.other.pay(spent["id"]))[0] == 200
        shown = await with_coupon(street.kiosk, code(1, GIFT), "mug")

        there = await carry(street, shown["id"])

        assert (there["total_minor"], (await arrived(street))["missing"]) == (500, ["Gift card"])


async def test_what_a_failed_payment_held_is_given_back_before_the_basket_goes(tmp_path: Path) -> None:
    things = (campaign(BATCH), opened_by("summer"), ("lease", "summer", {"nodes": {NODE_ID: 1, OTHER.node_id: 1}}))
    async with open_street(tmp_path, *things) as street:
        shown = await with_coupon(street.kiosk, code(1), "mug")
        street.kiosk.gateway.ends_with = ["declined"]
        assert (await street.kiosk.pay_by_card(shown["id"]))[1]["code"] == "card-declined"

        there = await carry(street, shown["id"])

        assert (await pay_what_is_shown(street.other, there))[0] == 200
        assert await states(street.other) == [("summer", "leased", "used")]
        assert {state for _, _, state in await states(street.kiosk)} <= {"to_return", "returned"}
