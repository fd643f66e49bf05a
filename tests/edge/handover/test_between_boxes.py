"""A basket goes from box to box: whole, once, and only to a box of the store."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from edge.handover.api import routes as own_routes
from shared.protocol.handover import make_claim, make_found, make_handed, make_lookup, verify_found, verify_handed
from shared.protocol.neighbours import NotANeighbour
from tests.edge.handover.street import THIRD, Street, go_on, open_street, park, parked
from tests.edge.neighbours.test_copies import OTHER, STRANGER, open_node
from tests.edge.small_shop import NODE, UNKNOWN_ID, Till, open_till, price, product, promotion, publish

HEBREW, GREEK = "חלב טרי של המשק ", "Ελαιόλαδο εξαιρετικό παρθένο "


async def states(till: Till) -> list[str]:
    rows = await till.shop.db.transact(lambda tx: tx.rows("select coalesce(aside, state) from baskets order by id"))
    return [state for (state,) in rows]


async def test_a_basket_goes_on_at_another_box_as_the_same_basket(street: Street) -> None:
    basket, code = await parked(street.kiosk, "mug", "mug", "mug", "tea")

    status, there = await go_on(street.other, code)
    order = (await street.other.pay(there["id"]))[1]

    same = ("id", "lines", "total_minor", "discount_minor", "currency")
    assert status == 200
    assert {name: there[name] for name in same} == {name: basket[name] for name in same}
    assert (order["id"], order["receipt_number"]) == (basket["id"], "T1K2-000001")
    assert (await states(street.kiosk), await states(street.other)) == (["moved"], ["completed"])


async def test_what_moved_away_can_be_changed_paid_and_taken_back_nowhere_else(street: Street) -> None:
    basket, code = await parked(street.kiosk, "milk")
    await go_on(street.other, code)

    refused = [
        await street.kiosk.pay(basket["id"]),
        await street.kiosk.pay_by_card(basket["id"]),
        await street.kiosk.call("DELETE", f"/api/baskets/{basket['id']}"),
        await park(street.kiosk, basket["id"]),
        await go_on(street.kiosk, code),
    ]

    assert [answer["code"] for _, answer in refused] == ["basket-has-moved"] * 4 + ["continued-elsewhere"]
    assert refused[-1][1]["facts"] == {"code": code, "place": "gateway"}


@pytest.mark.parametrize("lost", ["lose_found", "lose_handed"])
async def test_a_lost_answer_loses_and_doubles_nothing(street: Street, lost: str) -> None:
    basket, code = await parked(street.kiosk, "milk")
    setattr(street.boxes["gateway"], lost, 1)

    answers = [await go_on(street.other, code) for _ in range(3)]

    assert {answer.get("id") for status, answer in answers if status == 200} == {basket["id"]}
    assert answers[-1][0] == 200
    assert await states(street.other) == ["open"]


async def test_a_line_on_which_every_answer_is_lost_says_so_and_the_basket_is_there_later(street: Street) -> None:
    _, code = await parked(street.kiosk, "milk")
    street.boxes["gateway"].lose_handed = 2

    refused, later = await go_on(street.other, code), await go_on(street.other, code)

    assert (refused[0], refused[1]["code"], refused[1]["facts"]["names"]) == (503, "basket-till-away", "kiosk")
    assert later[0] == 200


async def test_one_of_two_claimers_gets_it_and_the_other_hears_where_it_is(tmp_path: Path) -> None:
    async with open_street(tmp_path, nodes=(NODE, OTHER, THIRD)) as street:
        for _ in range(5):
            _, code = await parked(street.kiosk, "milk")
            claimers = (street.other, street.tills[THIRD.node_name])

            answers = await asyncio.gather(*(go_on(till, code) for till in claimers))

            statuses = [status for status, _ in answers]
            assert sorted(statuses) == [200, 409]
            winner, loser = claimers[statuses.index(200)], answers[statuses.index(409)][1]
            assert loser["facts"]["place"] == winner.shop.identity.enrolled.node_name
            await winner.pay(answers[statuses.index(200)][1]["id"])


async def test_two_lanes_of_a_box_that_ask_at_once_get_one_basket(street: Street) -> None:
    basket, code = await parked(street.kiosk, "milk")

    answers = await asyncio.gather(*(go_on(street.other, code) for _ in range(4)))

    assert {status for status, _ in answers} == {200}
    assert {answer["id"] for _, answer in answers} == {basket["id"]}
    assert await states(street.other) == ["open"]


async def test_a_claimer_that_dies_before_it_has_written_asks_again(tmp_path: Path) -> None:
    async with open_street(tmp_path) as street:
        basket, code = await parked(street.kiosk, "milk")
        street.boxes["gateway"].lose_handed = 2
        await go_on(street.other, code)  # the owner has given it; nothing of it is here
        assert (await states(street.kiosk), await states(street.other)) == (["moved"], [])

    async with open_street(tmp_path) as street:
        _, back = await go_on(street.other, code)

    assert back["id"] == basket["id"]


async def test_a_box_that_is_off_is_named_and_has_the_basket_when_it_is_back(street: Street) -> None:
    _, code = await parked(street.kiosk, "milk")
    at = street.other.shop.company.addresses
    address = at[NODE.node_id]
    at[NODE.node_id] = "127.0.0.1:9"

    refused = await go_on(street.other, code)
    at.clear()
    unheard = await go_on(street.other, code)
    at[NODE.node_id] = address

    assert [answer["code"] for _, answer in (refused, unheard)] == ["basket-till-away"] * 2
    assert refused[1]["facts"]["names"] == "kiosk"
    assert (await go_on(street.other, code))[0] == 200


async def test_right_codes_of_a_box_that_was_off_are_no_guesses(street: Street) -> None:
    at = street.other.shop.company.addresses
    address = at[NODE.node_id]
    for _ in range(12):
        _, code = await parked(street.kiosk, "milk")
        at[NODE.node_id] = "127.0.0.1:9"
        away = await go_on(street.other, code)
        at[NODE.node_id] = address
        status, there = await go_on(street.other, code)
        await street.other.pay(there["id"])

        assert (away[1]["code"], status) == ("basket-till-away", 200)


async def test_a_busy_lane_claims_nothing(street: Street) -> None:
    _, code = await parked(street.kiosk, "milk")
    await street.other.fill("tea")

    refused = await go_on(street.other, code)

    assert refused[1]["code"] == "lane-has-basket"
    assert street.boxes["gateway"].looked_up == []
    assert (await go_on(street.kiosk, code))[0] == 200


async def test_a_basket_comes_back_to_where_it_began_and_is_paid_there(street: Street) -> None:
    basket, there_code = await parked(street.kiosk, "milk")
    await go_on(street.other, there_code)
    await street.other.scan("tea")
    _, back = await park(street.other, basket["id"])

    status, again = await go_on(street.kiosk, back["code"])
    order = (await street.kiosk.pay(basket["id"]))[1]

    assert (status, [line["sku"] for line in again["lines"]]) == (200, ["milk", "tea"])
    assert again["version"] > basket["version"]
    assert (order["id"], order["receipt_number"]) == (basket["id"], "T1K1-000001")
    assert (await states(street.kiosk), await states(street.other)) == (["completed"], ["moved"])


async def test_an_old_code_gives_nothing_of_a_basket_that_has_come_back(street: Street) -> None:
    basket, there_code = await parked(street.kiosk, "milk")
    await go_on(street.other, there_code)
    _, back = await park(street.other, basket["id"])
    await go_on(street.kiosk, back["code"])
    # As if the other box had been set back to before it had heard of the code.
    await street.other.shop.db.transact(lambda tx: tx.execute("delete from handovers").fetchall())

    refused = await go_on(street.other, there_code)

    assert (refused[0], refused[1]["code"]) == (409, "continued-elsewhere")


async def test_a_full_basket_with_names_in_all_scripts_goes_on(tmp_path: Path) -> None:
    many = [product(f"p{n}", f"{HEBREW if n % 2 else GREEK}{n} " + "x" * 60) for n in range(500)]
    prices = [price(f"p{n}", 100 + n) for n in range(500)]
    async with open_street(tmp_path) as street:
        await publish(street.kiosk.shop.catalogue, *many, *prices)
        for n in range(500):  # the other box does not know these products yet
            _, basket = await street.kiosk.call("POST", "/api/lanes/kiosk/picks", {"sku": f"p{n}"})
        _, answer = await park(street.kiosk, basket["id"])

        status, there = await go_on(street.other, answer["code"])
        order = await street.other.pay(there["id"], 10_000_000)

    assert (status, there["lines"], there["total_minor"]) == (200, basket["lines"], basket["total_minor"])
    assert (order[0], order[1]["total_minor"]) == (200, basket["total_minor"])


async def test_the_promotions_that_it_was_begun_with_come_along(street: Street) -> None:
    basket, code = await parked(street.kiosk, "tea")
    assert basket["discount_minor"] == 35
    new = promotion({"id": "P2", "name": "Nothing off drinks", "family": "easy", "target": {"categories": ["none"]},
                     "reward": {"kind": "percent", "value": 1}})  # fmt: skip
    # The other box has heard that the offer is over, and has never had a basket with the earlier promotions.
    await publish(street.other.shop.catalogue, new)
    street.other.shop.packs.clear()

    _, there = await go_on(street.other, code)
    await street.other.scan("tea")

    assert there["total_minor"] == basket["total_minor"]
    assert (await street.other.pay(there["id"]))[1]["saved_minor"] == 70


async def post(till: Till, address: str, path: str, body: Any) -> tuple[int, Any]:
    text = body.model_dump(mode="json") if hasattr(body, "model_dump") else body
    async with till.http.post(f"http://{address}{path}", json=text) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_stranger_and_a_forger_get_nothing(street: Street) -> None:
    _, code = await parked(street.kiosk, "milk")
    address, till = street.addresses["kiosk"], street.kiosk
    key = street.other.shop.identity.key
    honest = make_lookup(key, OTHER.node_id, NODE.node_id, code)
    forged = [
        make_lookup(STRANGER, OTHER.node_id, NODE.node_id, code),
        make_lookup(STRANGER, UNKNOWN_ID, NODE.node_id, code),
        make_lookup(key, NODE.node_id, NODE.node_id, code),
        make_lookup(key, OTHER.node_id, THIRD.node_id, code),  # said to another box
        honest.model_copy(update={"code": "222222"}),
    ]

    answers = [await post(till, address, "/baskets/lookups", one) for one in forged]
    found = street.boxes["gateway"]
    right = await found.look_up(address, honest)
    claims = [
        make_claim(STRANGER, right, with_pack=False),
        make_claim(key, right.model_copy(update={"nonce": "x" * 30}), with_pack=False),
        make_claim(key, right.model_copy(update={"code": "222222"}), with_pack=False),
    ]
    refused = [await post(till, address, "/baskets/claims", one) for one in claims]

    assert [status for status, _ in (*answers, *refused)] == [403] * 8
    assert all("milk" not in str(answer) for _, answer in (*answers, *refused))
    assert await states(street.kiosk) == ["parked"]


async def test_what_was_overheard_gives_nothing_once_more(street: Street) -> None:
    _, code = await parked(street.kiosk, "milk")
    await go_on(street.other, code)
    boxes, address = street.boxes["gateway"], street.addresses["kiosk"]

    claim = await post(street.kiosk, address, "/baskets/claims", boxes.claimed[0])
    for _ in range(3):
        lookup = await post(street.kiosk, address, "/baskets/lookups", boxes.looked_up[0])

    assert (claim[0], claim[1]["code"]) == (403, "stale-claim")
    assert lookup[0] == 200  # it says that the basket was given, to whom, and nothing of what is in it
    assert "milk" not in str(lookup[1])
    assert (await go_on(street.other, code))[0] == 200


def test_an_answer_holds_for_its_question_alone() -> None:
    key = STRANGER.public_key().public_bytes_raw().hex()
    lookup = make_lookup(STRANGER, OTHER.node_id, NODE.node_id, "234567")
    found = make_found(STRANGER, lookup, "waiting", nonce="once_" + "x" * 43, pack_version="0")
    claim = make_claim(STRANGER, found, with_pack=True)
    handed = make_handed(STRANGER, claim, "{}", "[]")
    later = claim.model_copy(update={"nonce": "once_" + "y" * 43})

    verify_found(found, key)
    verify_handed(handed, claim, key)
    for changed in (
        found.model_copy(update={"state": "unknown"}),
        found.model_copy(update={"holder": UNKNOWN_ID}),
        found.model_copy(update={"form": 2}),
        found.model_copy(update={"pack_version": "1"}),
    ):
        with pytest.raises(NotANeighbour):
            verify_found(changed, key)
    for old, asked in (
        (handed, later),
        (handed.model_copy(update={"basket": "{} "}), claim),
        (handed.model_copy(update={"pack": None}), claim),
    ):
        with pytest.raises(NotANeighbour):
            verify_handed(old, asked, key)


async def test_the_doors_for_boxes_are_no_doors_for_shoppers(street: Street) -> None:
    ours = {route.path for route in own_routes.routes}

    async with aiohttp.ClientSession() as http:
        for path in ours:
            concrete = path.replace("{lane}", "kiosk").replace("{basket_id}", UNKNOWN_ID)
            async with http.post(f"http://{street.addresses['kiosk']}{concrete}", json={"code": "x"}) as answer:
                assert answer.status == 404
        for path in ("/baskets/lookups", "/baskets/claims"):
            async with http.post(f"{street.kiosk.url}{path}", json={}) as answer:
                assert answer.status == 404


async def test_an_older_neighbour_has_no_such_door_and_is_named(tmp_path: Path, street: Street) -> None:
    from edge.neighbours.api import application
    from shared.api.serving import serving

    _, code = await parked(street.kiosk, "milk")
    async with serving(application(street.kiosk.shop), "127.0.0.1", 0) as url:  # as before there were hand-overs
        street.other.shop.company.addresses[NODE.node_id] = url.removeprefix("http://").rstrip("/")
        refused = await go_on(street.other, code)

    assert (refused[1]["code"], refused[1]["facts"]["names"]) == ("basket-till-away", "kiosk")
    assert (await go_on(street.kiosk, code))[0] == 200


async def test_a_basket_of_a_newer_form_stays_where_it_is(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    _, code = await parked(street.kiosk, "milk")
    monkeypatch.setattr("edge.handover.fetching.FORM", 0)

    refused = await go_on(street.other, code)

    assert (refused[0], refused[1]["code"]) == (409, "basket-of-other-version")
    assert await states(street.kiosk) == ["parked"]


async def test_a_code_that_two_boxes_drew_opens_neither(tmp_path: Path) -> None:
    async with open_street(tmp_path, nodes=(NODE, OTHER, THIRD)) as street:
        _, code = await parked(street.kiosk, "milk")
        _, twin = await parked(street.other, "tea")
        await street.other.shop.db.transact(
            lambda tx: tx.execute("update handovers set code = ? where code = ?", (code, twin)).fetchall()
        )

        refused = await go_on(street.tills[THIRD.node_name], code)

        assert (refused[0], refused[1]["code"]) == (409, "ambiguous-basket-code")
        assert (await states(street.kiosk), await states(street.other)) == (["parked"], ["parked"])


async def test_a_box_that_guesses_for_somebody_is_stopped_too(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.handover.api.WRONG_OF_BOX_MAX", 3)
    key, address = street.other.shop.identity.key, street.addresses["kiosk"]

    statuses = []
    for code in ("222222", "222223", "222223", "222224", "222225"):
        lookup = make_lookup(key, OTHER.node_id, NODE.node_id, code)
        statuses.append((await post(street.kiosk, address, "/baskets/lookups", lookup))[0])

    assert statuses == [200, 200, 200, 200, 503]


async def test_a_box_without_neighbours_knows_its_own_baskets_only(tmp_path: Path) -> None:
    async with open_node(tmp_path / "alone", NODE) as shop, open_till(shop) as till:
        from tests.edge.small_shop import assortment

        await publish(shop.catalogue, *assortment())

        assert (await go_on(till, "222222"))[1]["code"] == "unknown-basket-code"


@pytest.mark.parametrize(
    "body", [None, [], {}, {"by": 1}, {"by": OTHER.node_id, "to": NODE.node_id, "code": "x" * 10**5}]
)
async def test_any_body_may_come(street: Street, body: Any) -> None:
    for path in ("/baskets/lookups", "/baskets/claims"):
        status, _ = await post(street.kiosk, street.addresses["kiosk"], path, body)
        assert status == 400
