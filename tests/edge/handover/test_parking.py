"""A parked basket: out of its lane, unchanged, unpaid, until somebody types its code."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from edge.handover import service
from edge.handover.worker import give_up
from edge.intake import take_scan
from edge.shop import Shop
from shared.protocol.handover import scanned, typed
from tests.edge.handover.street import go_on, park, parked
from tests.edge.small_shop import UNKNOWN_ID, HandClock, Till, open_small_shop, open_till

LANES = {
    "devices": (
        {"kind": "scanner", "make": "serial", "name": "one", "path": "/dev/none"},
        {"kind": "scanner", "make": "serial", "name": "two", "path": "/dev/none-2", "lane": "counter"},
    )
}


async def test_a_parked_basket_frees_its_lane_and_waits_as_it_was(till: Till) -> None:
    first, code = await parked(till, "milk", "mug")
    second = await till.fill("tea")

    await till.pay(second["id"])
    status, back = await go_on(till, code)

    assert (status, back["id"], back["lines"], back["total_minor"]) == (
        200,
        first["id"],
        first["lines"],
        first["total_minor"],
    )
    assert (await till.pay(first["id"]))[0] == 200


async def test_nothing_changes_or_pays_a_parked_basket(till: Till) -> None:
    basket, _ = await parked(till, "milk")
    path = f"/api/baskets/{basket['id']}"

    answers = [
        await till.call("PUT", f"{path}/lines/1", {"quantity": 2}),
        await till.call("DELETE", path),
        await till.call("DELETE", f"{path}/donation"),
        await till.pay(basket["id"]),
        await till.pay_by_card(basket["id"]),
    ]

    assert [(status, answer["code"]) for status, answer in answers] == [(409, "basket-is-parked")] * 5


async def test_a_repeat_gives_the_same_code(till: Till) -> None:
    basket, code = await parked(till, "milk")

    again = [(await park(till, basket["id"], **{"Idempotency-Key": "one"}))[1]["code"] for _ in range(2)]

    assert again == [code, code]


async def test_a_late_repeat_does_not_park_what_goes_on_already(till: Till) -> None:
    basket = await till.fill("milk")
    key = {"Idempotency-Key": "intent"}
    _, first = await park(till, basket["id"], **key)
    await go_on(till, first["code"])

    status, late = await park(till, basket["id"], **key)

    assert (status, late["code"]) == (200, first["code"])
    assert (await till.pay(basket["id"]))[0] == 200


async def test_an_empty_basket_and_one_that_is_being_paid_or_paid_cannot_wait(till: Till) -> None:
    basket = await till.fill("milk")
    await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": 0})
    empty = await park(till, basket["id"])
    await till.fill("tea")
    await till.shop.db.transact(lambda tx: tx.execute("update baskets set state = 'paying'").fetchall())
    paying = await park(till, basket["id"])
    await till.shop.db.transact(lambda tx: tx.execute("update baskets set state = 'open'").fetchall())
    await till.pay(basket["id"])
    paid = await park(till, basket["id"])
    unknown = await park(till, UNKNOWN_ID)

    assert [answer["code"] for _, answer in (empty, paying, paid, unknown)] == [
        "nothing-to-park",
        "basket-is-being-paid",
        "basket-is-closed",
        "unknown-basket",
    ]


async def test_of_paying_and_parking_at_once_one_happens(till: Till) -> None:
    for _ in range(10):
        basket = await till.fill("milk")

        (paid, _), (waits, answer) = await asyncio.gather(till.pay(basket["id"]), park(till, basket["id"]))

        assert sorted((paid, waits)) == [200, 409]
        if waits == 200:
            await go_on(till, answer["code"])
            assert (await till.pay(basket["id"]))[0] == 200


async def test_a_power_cut_keeps_what_is_parked(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        basket, code = await parked(till, "milk", "tea")

    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        _, back = await go_on(till, code)

    assert (back["id"], back["total_minor"]) == (basket["id"], basket["total_minor"])


async def test_a_basket_goes_on_in_another_lane_of_its_box(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path, **LANES) as shop, open_till(shop) as till:
        basket, code = await parked(till, "milk")
        assert (await till.lane())["hands_over"] is True
        _, there = await go_on(till, code, "counter")
        again, elsewhere = await go_on(till, code, "counter"), await go_on(till, code, "kiosk")
        order = (await till.pay(basket["id"]))[1]
        late = await go_on(till, code, "counter")

        assert (there["id"], again) == (basket["id"], (200, there))
        assert (elsewhere[1]["code"], elsewhere[1]["title"]) == (
            "continued-elsewhere",
            f"The basket {code} goes on at counter.",
        )
        assert (await till.call("GET", f"/api/orders/{order['id']}"))[1]["lane"] == "counter"
        assert late[1]["code"] == "continued-elsewhere"


async def test_a_scan_that_is_repeated_finds_the_basket_that_was_continued(till: Till) -> None:
    _, code = await parked(till, "milk")
    await till.sell("tea")  # begun later, so its id is greater
    await go_on(till, code)
    key = {"Idempotency-Key": "scan"}
    _, first = await till.scan("mug", **key)

    assert await till.scan("mug", **key) == (200, first)


async def test_a_lane_with_a_basket_of_its_own_says_so_and_nothing_is_lost(till: Till) -> None:
    _, code = await parked(till, "milk")
    other = await till.fill("tea")

    refused = await go_on(till, code)
    await till.pay(other["id"])

    assert (refused[0], refused[1]["code"]) == (409, "lane-has-basket")
    assert (await go_on(till, code))[0] == 200


async def test_a_lane_whose_basket_is_empty_makes_room(till: Till) -> None:
    _, code = await parked(till, "milk")
    empty = await till.fill("tea")
    await till.call("PUT", f"/api/baskets/{empty['id']}/lines/1", {"quantity": 0})

    assert (await go_on(till, code))[0] == 200


async def test_the_screen_shows_the_code_until_it_is_used_or_another_sale_is_over(till: Till, clock: HandClock) -> None:
    basket, code = await parked(till, "milk")
    shown = (await till.lane())["parked"]
    await till.sell("tea")
    clock.passed_s += 1
    sold = await till.lane()
    clock.passed_s += 70
    later = await till.lane()
    clock.passed_s += 70
    latest = await till.lane()

    assert (shown["code"], shown["basket_id"], len(shown["qr"])) == (code, basket["id"], 21)
    assert (sold["order"] is None, sold["parked"]) == (False, None)
    assert (later["order"], later["parked"]["code"]) == (None, code)
    assert (latest["order"], latest["parked"]) == (None, None)


async def test_a_scanner_reads_the_code_off_the_screen(till: Till) -> None:
    basket, code = await parked(till, "milk")

    status, back = await till.call("POST", "/api/lanes/kiosk/scans", {"code": f"]Q1SHOPWRIGHT{code}"})

    assert (status, back["id"]) == (200, basket["id"])


async def test_a_scanned_code_that_is_wrong_is_told_at_the_lane_with_its_facts(till: Till) -> None:
    await take_scan(till.shop, "kiosk", "SHOPWRIGHT222222")

    notice = (await till.lane())["notice"]

    assert (notice["code"], notice["facts"]["code"]) == ("unknown-basket-code", "222222")


@pytest.mark.parametrize("text", ["{}", " {} ", "{:.3} {:.0}", "shopwright{}", "]Q1SHOPWRIGHT{}"])
def test_a_code_is_read_however_it_is_written(text: str) -> None:
    code = "7KM2QX"
    halves = f"{code[:3]} {code[3:]}" if "{:.3}" in text else text.format(code)

    assert typed(halves) == code
    assert typed(halves.lower().replace(" ", "-")) == code


@pytest.mark.parametrize(
    "text", ["5000128104517", "SHELF-7", "73513537", "7KM2QX", "SHOPWRIGHT0OIL1A", "SHOPWRIGHT7KM2Q"]
)
def test_barcodes_are_no_codes_of_baskets(text: str) -> None:
    assert scanned(text) is None


@pytest.mark.parametrize("text", ["", "7KM2Q", "7KM2QXX", "0OIL1A", "ΑΒΓΔΕΖ", "אבגדהו", "x" * 100, "\x00" * 6])
async def test_what_can_be_no_code_is_unknown_and_asks_nobody(till: Till, text: str) -> None:
    status, answer = await go_on(till, text)

    assert (status, answer["code"]) in {(404, "unknown-basket-code"), (400, "bad-request")}


async def test_who_guesses_is_stopped_at_that_lane_and_sells_on(till: Till, clock: HandClock) -> None:
    _, code = await parked(till, "milk")
    wrong = [f"{digit}{digit}{digit}{digit}{digit}2" for digit in "3456789BCD"]
    wrong = [one for one in wrong if one != code]

    answers = [(await go_on(till, one))[1]["code"] for one in (*wrong, wrong[0])]
    stopped = await go_on(till, code)
    sold = await till.sell("tea")
    clock.passed_s += 601
    later = await go_on(till, code)

    assert answers == ["unknown-basket-code"] * 10 + ["too-many-wrong-codes"]
    assert (stopped[0], sold["total_minor"] > 0, later[0]) == (503, True, 200)


async def test_the_same_wrong_code_again_is_no_other_guess(till: Till) -> None:
    answers = {(await go_on(till, "333332"))[1]["code"] for _ in range(15)}

    assert answers == {"unknown-basket-code"}


async def test_a_basket_that_nobody_fetches_is_given_up_by_a_clock_that_is_trusted(
    shop: Shop, clock: HandClock
) -> None:
    async with open_till(shop) as till:
        basket, code = await parked(till, "milk")
        clock.passed_s += 7 * 3600
        assert await give_up(shop, None) is None  # nobody has told the time
        assert (await go_on(till, code))[0] == 200

        _, code = await park(till, basket["id"])
        shop.clock.hear(shop.clock.now() + timedelta(days=20_000))  # the battery was dead
        since = await give_up(shop, None)
        waits = await shop.db.transact(service.find, code["code"], UNKNOWN_ID)
        clock.passed_s += 6 * 3600 + 1
        await give_up(shop, since)

        refused = await go_on(till, code["code"])
        paid = await till.pay(basket["id"])

    assert waits is not None
    assert waits.may_be_claimed
    assert [refused[1]["code"], paid[1]["code"]] == ["waited-too-long", "basket-is-closed"]


async def test_old_codes_are_forgotten(shop: Shop, clock: HandClock) -> None:
    async with open_till(shop) as till:
        _, code = await parked(till, "milk")
        await go_on(till, code)
        since = shop.clock.hear(shop.clock.now()).heard_at
        clock.passed_s += 8 * 86_400
        await give_up(shop, since)

    assert await shop.db.transact(service.find, code, UNKNOWN_ID) is None
