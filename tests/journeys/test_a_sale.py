"""One sale, from scan to head office."""

from pathlib import Path

from tests.world import ATTENDANT_KEY, BARCODES, open_world, until


async def test_a_scan_on_the_scanners_port_becomes_an_order_at_head_office_and_a_receipt(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        for _ in range(3):
            await world.scanner.scan(BARCODES["mug"])
        await world.scanner.scan(BARCODES["milk"])

        async def scanned() -> bool:
            basket = (await world.lane())["basket"]
            return basket is not None and basket["quantity"] == 4

        await until(scanned)
        basket = (await world.lane())["basket"]
        tender = {"kind": "cash", "tendered_minor": 2000}
        status, order = await world.call("POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})
        await world.settle(orders=1)
        await world.printed(1)

    assert status == 200
    assert basket["discount_minor"] == 500  # the third mug
    assert (order["total_minor"], order["change_minor"]) == (1115, 885)
    [receipt] = world.printer.receipts
    assert order["receipt_number"] == "T1K1-000001"
    assert "TOTAL GBP" in receipt.text
    assert "11.15" in receipt.text
    assert "Mugs: 3 for 2" in receipt.text
    assert receipt.qrs == (order["id"],)
    assert world.printer.drawer_kicks == 1


async def test_an_order_made_while_offline_reaches_head_office_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.line.cut()
        order = await world.sell("milk", units=2)
        world.line.answers_to_lose = 2  # the batch arrives, the answer is lost, the shop sends again

        await world.line.mend()
        await world.settle(orders=1)
        [row] = await world.orders_at_head_office()

    assert row["id"] == order["id"]
    assert row["total_minor"] == order["total_minor"] == 230
    assert world.line.answers_to_lose == 0


async def test_till_receipt_and_head_office_tell_one_total_and_one_tax(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.scan("tea")
        paid = await world.sell("milk")
        await world.settle(orders=1)
        _, at_shop = await world.call("GET", f"/api/orders/{paid['id']}")
        _, at_office = await world.call_office("GET", f"/api/orders/{paid['id']}")
        _, receipt = await world.call_office("GET", f"/api/orders/{paid['id']}/receipt")

    assert at_office["order"] == at_shop
    assert receipt["total"] == "4.29"  # 3.49 less 10 % is 3.14, and milk 1.15
    assert [(row["rate_bp"], row["tax_minor"]) for row in at_shop["taxes"]] == [(2000, 52), (0, 0)]


async def test_a_refund_gives_back_what_was_paid_for_these_units_and_never_more(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        paid = await world.sell("mug", units=3)  # 15.00 less 5.00: 3.34, 3.33 and 3.33 a unit
        staff = {"Authorization": f"Bearer {ATTENDANT_KEY}"}
        path = f"/api/orders/{paid['id']}/refunds/"
        first_id, second_id = "0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"
        two = {"lines": [{"number": 1, "quantity": 2}]}
        _, first = await world.call("PUT", path + first_id, two, **staff)
        _, repeated = await world.call("PUT", path + first_id, two, **staff)
        refused, problem = await world.call("PUT", path + second_id, two, **staff)
        nobody, _ = await world.call("PUT", path + second_id, two)
        await world.settle(orders=1)

        async def arrived() -> bool:
            return (await world.orders_at_head_office())[0]["refunded_minor"] == 667

        await until(arrived)
        await world.printed(2)

    assert first["total_minor"] == 667
    assert repeated == first
    assert first["receipt_number"] == "T1K1-000002"
    assert (refused, problem["code"]) == (409, "refund-too-large")
    assert nobody == 403
    assert "REFUND" in world.printer.receipts[1].text


async def test_cash_is_rounded_by_the_coins_of_the_country(tmp_path: Path) -> None:
    async with open_world(
        tmp_path, country="CH", currency="CHF", timezone="Europe/Zurich", tax_rates_bp=SWISS
    ) as world:
        await world.scan("tea")  # 3.49 less 10 % is 3.14: coins pay 3.15
        basket = (await world.lane())["basket"]
        cash = await world.sell("milk", tender={"kind": "cash", "tendered_minor": 500})
        _, order = await world.call("GET", f"/api/orders/{cash['id']}")

    assert basket["cash_total_minor"] == 315
    assert (order["total_minor"], order["rounding_minor"]) == (429, 1)
    assert order["tenders"][0]["change_minor"] == 70


SWISS = {"standard": 810, "zero": 0}
