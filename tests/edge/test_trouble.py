"""Trouble in the middle of something: whatever fails, money and lanes end in a known state."""

import asyncio
import random
import resource
import signal
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
import pytest

from edge.app import open_database
from edge.catalogue.models import CatalogueNotKept, DamagedCatalogue, NoPrice
from edge.database import NewerData, Transaction
from edge.demo.daemons import free_port
from edge.intake import take_scan
from edge.shop import Shop
from edge.sync.payments import own
from shared.protocol.payments import PaymentRequest, PaymentResult
from tests.edge.broker.test_announcements import announcing, reachable
from tests.edge.small_shop import (
    STAFF,
    HandClock,
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
    swap_in,
)

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
        await swap_in(shop.catalogue, snapshot)
        assert shop.catalogue.picked("milk").price_minor == 115
    stop.set()
    await asyncio.gather(*searching)

    assert shop.catalogue.cursor > 0


async def test_a_snapshot_with_a_damaged_page_is_refused(tmp_path: Path, shop: Shop) -> None:
    snapshot = bytearray(await snapshot_of(tmp_path / "other", assortment()))
    chance = random.Random(1)
    snapshot[-4096:] = bytes(chance.randrange(256) for _ in range(4096))

    with suppress(Exception):
        await swap_in(shop.catalogue, bytes(snapshot))

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
    async with open_small_shop(tmp_path, broker={"port": free_port(0), "anonymous": True}) as shop:
        with announcing(shop):
            await reachable(shop)
            will = aiomqtt.Will("store/T1/orders/kiosk", "forged")
            with pytest.raises(aiomqtt.MqttError):
                async with aiomqtt.Client("127.0.0.1", shop.config.broker.port, will=will, timeout=3):
                    pass


async def test_a_basket_keeps_the_promotions_it_was_begun_with(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        basket = await till.fill("tea")
        await publish(shop.catalogue, ("promotion", "P2", None))
        standing = (await till.lane())["basket"]
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        _, order = await till.pay(basket["id"])
        later = await till.fill("tea")

    assert basket["discount_minor"] > 0
    assert standing["total_minor"] == order["total_minor"] == basket["total_minor"]
    assert later["discount_minor"] == 0


async def test_a_total_that_was_never_shown_is_never_charged(till: Till) -> None:
    await publish(till.shop.catalogue, setting(reprice_open_baskets=True))
    basket = await till.fill("tea")
    await publish(till.shop.catalogue, ("promotion", "P2", None))  # the 10 % on drinks end while the shopper looks
    asked = {"tender": {"kind": "card", "card": "test-approved"}, "total_minor": basket["total_minor"]}

    status, problem = await till.call("POST", f"/api/baskets/{basket['id']}/checkout", asked)
    again, _ = await till.call(
        "POST", f"/api/baskets/{basket['id']}/checkout", {**asked, "total_minor": basket["gross_minor"]}
    )

    assert (status, problem["code"]) == (409, "total-changed")
    assert again == 200
    assert [payment.amount_minor for payment in till.gateway.charged] == [349]


async def test_a_snapshot_that_this_version_cannot_read_leaves_the_old_catalogue(tmp_path: Path, shop: Shop) -> None:
    other = Path(tmp_path / "other")
    await snapshot_of(other, assortment())
    with closing(sqlite3.connect(other / "catalogue.db")) as file:
        file.execute("update settings set body = json_set(body, '$.language', 'fr')")
        file.commit()
        file.execute("pragma wal_checkpoint(truncate)")

    with pytest.raises(DamagedCatalogue):
        await swap_in(shop.catalogue, (other / "catalogue.db").read_bytes())

    assert shop.catalogue.picked("milk").price_minor == 115


async def test_a_catalogue_that_breaks_while_selling_is_told_and_never_ends_the_daemon(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "catalogue.db")) as file:
        root = file.execute("select rootpage from sqlite_schema where name = 'barcodes'").fetchone()[0]
        file.execute("pragma wal_checkpoint(truncate)")
    content = bytearray((tmp_path / "catalogue.db").read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    (tmp_path / "catalogue.db").write_bytes(bytes(content))

    async with open_small_shop(tmp_path) as shop:
        await take_scan(shop, "kiosk", "5000128104517")
        trouble = shop.trouble("kiosk")

    assert trouble is not None
    assert trouble.error.code == "damaged-catalogue"


async def test_a_key_that_stood_for_another_product_is_refused(till: Till) -> None:
    await till.scan("milk", **{"Idempotency-Key": "k"})

    status, problem = await till.scan("tea", **{"Idempotency-Key": "k"})

    assert (status, problem["code"]) == (409, "key-reused")


async def test_a_clock_that_is_set_back_does_not_bring_old_thanks_back(tmp_path: Path) -> None:
    clock = HandClock()
    async with open_small_shop(tmp_path, clock) as shop, open_till(shop) as till:
        clock.passed_s = 365 * 86_400
        await till.sell("milk")
        clock.passed_s = 0

        assert (await till.lane())["order"] is None
