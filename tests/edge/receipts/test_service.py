"""The life of a print job: it waits, it is with the printer, and then it is on paper or comes again as a COPY."""

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from edge.database import Transaction
from edge.receipts import service
from edge.receipts.models import Job
from edge.shop import Shop
from shared import ids
from tests.edge.small_shop import STAFF, UNKNOWN_ID, HandClock, Till, open_small_shop, open_till


async def take(shop: Shop) -> Job | None:
    return await shop.db.transact(service.next_job, shop.clock.now())


async def take_all(shop: Shop) -> list[tuple[str, bool]]:
    """Take every job that waits and print it; returns (kind, is a copy) in order."""
    taken = []
    while job := await take(shop):
        await shop.db.transact(service.printed, job)
        taken.append((job.kind, job.is_copy))
    return taken


def states(tx: Transaction) -> list[tuple[str, int, str]]:
    return tx.rows("select kind, is_copy, state from print_jobs order by id")


async def test_cash_opens_the_drawer_and_then_prints(till: Till) -> None:
    await till.sell("milk")

    assert await take_all(till.shop) == [("drawer", False), ("receipt", False)]


async def test_a_card_prints_and_leaves_the_drawer_shut(till: Till) -> None:
    basket = await till.fill("milk")
    await till.pay_by_card(basket["id"])

    assert await take_all(till.shop) == [("receipt", False)]


async def test_a_refund_opens_the_drawer_and_prints_its_own_receipt(till: Till) -> None:
    order = await till.sell("milk")
    await take_all(till.shop)
    refund_id = ids.new_id()
    body = {"lines": [{"number": 1, "quantity": 1}]}
    await till.call("PUT", f"/api/orders/{order['id']}/refunds/{refund_id}", body, **STAFF)
    _, receipt = await till.call("GET", f"/api/orders/{refund_id}/receipt")

    assert await take_all(till.shop) == [("drawer", False), ("receipt", False)]
    assert (receipt["kind"], receipt["original"]) == ("refund", order["receipt_number"])


async def test_a_job_is_waiting_then_with_the_printer_then_printed(till: Till) -> None:
    basket = await till.fill("milk")
    _, paid = await till.pay_by_card(basket["id"])
    waiting = paid["printing"]
    job = await take(till.shop)
    assert job is not None
    sending = (await till.lane())["order"]["printing"]
    nothing_else = await take(till.shop)
    await till.shop.db.transact(service.printed, job)

    assert (waiting, sending, nothing_else) == ("waiting", "waiting", None)
    assert (await till.lane())["order"]["printing"] == "printed"
    assert await take(till.shop) is None


async def test_a_job_that_the_printer_did_not_get_waits_again_as_it_was(till: Till) -> None:
    basket = await till.fill("milk")
    await till.pay_by_card(basket["id"])
    job = await take(till.shop)
    assert job is not None

    await till.shop.db.transact(service.not_sent, job)

    assert await take(till.shop) == job


async def test_what_may_be_on_paper_comes_again_only_as_a_copy(till: Till) -> None:
    basket = await till.fill("milk")
    await till.pay_by_card(basket["id"])
    job = await take(till.shop)
    assert job is not None
    await till.shop.db.transact(service.outcome_unknown, job, till.shop.clock.now())
    shown = (await till.lane())["order"]["printing"]

    assert shown == "unknown"
    assert await take_all(till.shop) == [("receipt", True)]
    assert (await till.lane())["order"]["printing"] == "printed"


async def test_a_drawer_that_may_have_opened_is_not_opened_again(till: Till) -> None:
    await till.sell("milk")
    drawer = await take(till.shop)
    assert drawer is not None

    await till.shop.db.transact(service.outcome_unknown, drawer, till.shop.clock.now())

    assert await take_all(till.shop) == [("receipt", False)]


@pytest.mark.parametrize(("waited_s", "kinds"), [(29, ["drawer", "receipt"]), (31, ["receipt"])])
async def test_a_drawer_opens_within_30_seconds_or_not_at_all(
    till: Till, clock: HandClock, waited_s: int, kinds: list[str]
) -> None:
    await till.sell("milk")
    clock.passed_s += waited_s

    assert [kind for kind, _ in await take_all(till.shop)] == kinds


async def test_after_a_sudden_end_what_was_with_the_printer_comes_as_a_copy(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(open_small_shop(tmp_path))
        till = await stack.enter_async_context(open_till(shop))
        await till.sell("milk")
        assert await take(shop)  # the drawer's
        assert await take(shop)  # the receipt's
        await till.sell("tea")

    async with open_small_shop(tmp_path) as shop:
        before = await shop.db.transact(states)
        taken = await take_all(shop)

    assert before == [
        ("drawer", 0, "unknown"),
        ("receipt", 0, "unknown"),
        ("drawer", 0, "waiting"),
        ("receipt", 0, "waiting"),
        ("receipt", 1, "waiting"),
    ]
    assert taken == [("drawer", False), ("receipt", False), ("receipt", True)]


async def test_a_copy_is_printed_when_asked_for_and_says_so(till: Till) -> None:
    order = await till.sell("milk")
    await take_all(till.shop)

    status, queued = await till.call("POST", f"/api/orders/{order['id']}/copies", {})
    job = await take(till.shop)

    assert status == 202
    assert job == Job(queued["job_id"], "receipt", order["id"], is_copy=True)


async def test_a_copy_asked_for_twice_under_one_key_is_one_copy(till: Till) -> None:
    order = await till.sell("milk")
    await take_all(till.shop)

    for _ in range(3):
        await till.call("POST", f"/api/orders/{order['id']}/copies", {}, **{"Idempotency-Key": "once"})

    assert await take_all(till.shop) == [("receipt", True)]


async def test_there_is_no_copy_of_an_order_that_never_was(till: Till) -> None:
    status, problem = await till.call("POST", f"/api/orders/{UNKNOWN_ID}/copies", {})

    assert (status, problem["code"]) == (404, "unknown-order")


async def test_the_thank_you_is_shown_for_a_minute(till: Till, clock: HandClock) -> None:
    order = await till.sell("milk")
    clock.passed_s += 59
    at_once = await till.lane()
    clock.at += timedelta(seconds=2)
    later = await till.lane()

    assert at_once["order"]["id"] == order["id"]
    assert later["order"] is None


async def test_copies_that_may_be_on_paper_come_to_an_end(till: Till) -> None:
    await till.sell("milk")
    copies = 0
    for _ in range(8):
        job = await till.shop.db.transact(service.next_job, till.shop.clock.now())
        if job is None:
            break
        copies += job.is_copy
        await till.shop.db.transact(service.outcome_unknown, job, till.shop.clock.now())

    assert copies == service.ATTEMPTS_MAX - 1


async def test_power_cuts_are_not_counted_against_the_printer(till: Till) -> None:
    await till.sell("milk")
    await take(till.shop)  # the drawer
    for _ in range(service.ATTEMPTS_MAX + 2):
        assert (await take(till.shop)) is not None
        await till.shop.db.transact(service.recover, till.shop.clock.now())

    assert await take_all(till.shop) == [("receipt", True)]


async def test_a_receipt_over_which_the_daemon_dies_again_and_again_comes_to_an_end(till: Till) -> None:
    await till.sell("milk")
    deaths = 0
    while await take(till.shop):
        await till.shop.db.transact(service.recover, till.shop.clock.now())
        deaths += 1

    assert deaths == service.INTERRUPTIONS_MAX + 1  # one over the drawer
