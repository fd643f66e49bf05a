"""Trouble in the middle of something: whatever fails, money and lanes end in a known state."""

import asyncio
import random
import resource
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
import pytest

from edge.app import open_database
from edge.catalogue.models import CatalogueNotKept, NoPrice
from edge.database import NewerData, Transaction
from edge.demo.daemons import free_port
from edge.shop import Shop
from edge.sync.payments import own
from shared.protocol.payments import PaymentRequest, PaymentResult
from tests.edge.small_shop import (
    STAFF,
    TestGateway,
    Till,
    assortment,
    open_small_shop,
    open_till,
    price,
    product,
    publish,
    setting,
    snapshot_of,
)
from tests.edge.test_broker import announcing, reachable

FIRST_ID, SECOND_ID = "0190a000-0000-7000-8000-0000000000a1", "0190a000-0000-7000-8000-0000000000a2"


def fill_disk(tx: Transaction) -> None:
    """Let the file grow no more."""
    tx.execute(f"pragma max_page_count = {tx.value('pragma page_count')}")


def free_disk(tx: Transaction) -> None:
    tx.execute("pragma max_page_count = 1000000")


@dataclass(slots=True)
class GatewayOnAFullDisk(TestGateway):
    """Charges, and the disk fills up meanwhile."""

    shop: Shop | None = None

    async def charge(self, payment: PaymentRequest) -> PaymentResult:
        assert self.shop is not None
        await self.shop.db.transact(fill_disk)
        return await TestGateway.charge(self, payment)


async def test_a_card_that_was_charged_without_an_order_is_given_back_and_the_lane_goes_on(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop, GatewayOnAFullDisk(shop=shop)) as till:
        much = ("milk", "tea", "mug", "oil", "soap", "crate", "bag")
        await till.sell(*much)  # two such orders do not fit in one page
        basket = await till.fill(*much)
        status, problem = await till.pay_by_card(basket["id"])
        await shop.db.transact(free_disk)
        await own(shop)
        [(state,)] = await shop.db.transact(lambda tx: tx.rows("select state from payments"))
        paid_in_cash, _ = await till.pay(basket["id"])

    assert (status, problem["code"]) == (503, "disk-full")
    assert state == "to_void"
    assert paid_in_cash == 200


async def test_a_tax_class_that_disappeared_is_told_before_anything_is_paid(till: Till) -> None:
    basket = await till.fill("milk")
    await publish(till.shop.catalogue, setting(tax_rates_bp={"standard": 2000}))

    by_card, problem = await till.pay_by_card(basket["id"])
    in_cash, _ = await till.pay(basket["id"])

    assert (by_card, in_cash, problem["code"]) == (409, 409, "no-tax-rate")
    assert till.gateway.charged == []
    assert (await till.lane())["basket"]["state"] == "open"


async def test_what_a_newer_head_office_adds_does_not_matter_and_what_cannot_be_read_is_passed_over(
    till: Till,
) -> None:
    kind, key, body = product("milk", "Milk, now in glass", "5000128104517", "zero")
    await publish(
        till.shop.catalogue,
        setting(phone="+44 20 7946 0000"),
        (kind, key, {**(body or {}), "colour": "white"}),
        ("product", "tea", {"sku": "tea"}),
        ("price", "tea", {"sku": "tea", "price_minor": "cheap"}),
    )

    basket = await till.fill("milk", "tea")

    assert [line["name"] for line in basket["lines"]] == ["Milk, now in glass", "Black tea"]
    assert basket["gross_minor"] == 115 + 349


async def test_searches_and_swaps_do_not_disturb_each_other(tmp_path: Path, shop: Shop) -> None:
    snapshot = await snapshot_of(tmp_path / "other", assortment())
    stop = asyncio.Event()

    async def search() -> None:
        while not stop.is_set():
            await shop.catalogue.search("milk", ("", ""), 10)

    searching = [asyncio.create_task(search()) for _ in range(4)]
    for _ in range(25):
        await shop.catalogue.swap(snapshot)
        assert shop.catalogue.picked("milk").price_minor == 115
    stop.set()
    await asyncio.gather(*searching)

    assert shop.catalogue.cursor > 0


async def test_a_snapshot_with_a_damaged_page_is_refused(tmp_path: Path, shop: Shop) -> None:
    snapshot = bytearray(await snapshot_of(tmp_path / "other", assortment()))
    chance = random.Random(1)
    snapshot[-4096:] = bytes(chance.randrange(256) for _ in range(4096))

    with suppress(Exception):
        await shop.catalogue.swap(bytes(snapshot))

    assert shop.catalogue.picked("milk").price_minor == 115
    with pytest.raises(NoPrice):
        shop.catalogue.picked("vase")


async def test_news_that_do_not_fit_on_the_disk_leave_the_old_prices(shop: Shop, tmp_path: Path) -> None:
    big = [product(f"sku-{number}", "x" * 200) for number in range(2_000)]
    taken = (tmp_path / "catalogue.db").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (taken + 8192, before[1]))
    try:
        with pytest.raises(CatalogueNotKept):
            await publish(shop.catalogue, *big)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert shop.catalogue.picked("milk").price_minor == 115
    await publish(shop.catalogue, price("milk", 120))
    assert shop.catalogue.picked("milk").price_minor == 120


async def test_a_refund_id_means_one_refund_of_one_order(till: Till) -> None:
    first, second = await till.sell("milk"), await till.sell("tea")
    one = {"lines": [{"number": 1, "quantity": 1}]}
    twice = {"lines": [{"number": 1, "quantity": 1}] * 2}

    made, _ = await till.call("PUT", f"/api/orders/{first['id']}/refunds/{FIRST_ID}", one, **STAFF)
    elsewhere, problem = await till.call("PUT", f"/api/orders/{second['id']}/refunds/{FIRST_ID}", one, **STAFF)
    as_order, _ = await till.call("PUT", f"/api/orders/{second['id']}/refunds/{first['id']}", one, **STAFF)
    doubled, _ = await till.call("PUT", f"/api/orders/{second['id']}/refunds/{SECOND_ID}", twice, **STAFF)

    assert (made, elsewhere, as_order, doubled) == (200, 409, 409, 400)
    assert problem["code"] == "refund-id-taken"


async def test_a_scan_that_is_repeated_after_the_payment_opens_no_basket(till: Till) -> None:
    _, basket = await till.scan("milk", **{"Idempotency-Key": "once"})
    await till.pay(basket["id"])

    status, again = await till.scan("milk", **{"Idempotency-Key": "once"})

    assert (status, again["id"], again["state"]) == (200, basket["id"], "completed")
    assert (await till.lane())["order"]["id"] == basket["id"]


async def test_a_line_that_was_taken_out_stays_out(till: Till) -> None:
    basket = await till.fill("milk")
    await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": 0})
    await till.fill("milk")

    status, _ = await till.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": 2})
    huge, _ = await till.call("PUT", f"/api/baskets/{basket['id']}/lines/{'9' * 25}", {"quantity": 2})

    assert (status, huge) == (404, 400)
    assert (await till.lane())["basket"]["quantity"] == 1


async def test_data_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    async with open_database(tmp_path) as db:
        await db.transact(lambda tx: tx.execute("insert into migrations values ('teleporter', 1)").close())

    with pytest.raises(NewerData):
        open_database(tmp_path)


async def test_nobody_speaks_through_a_last_will(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path, broker={"port": free_port(0)}) as shop:
        with announcing(shop):
            await reachable(shop)
            will = aiomqtt.Will("store/T1/orders/kiosk", "forged")
            with pytest.raises(aiomqtt.MqttError):
                async with aiomqtt.Client("127.0.0.1", shop.config.broker.port, will=will, timeout=3):
                    pass
