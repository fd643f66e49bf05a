"""Bad days in a shop: whatever comes, the people at the till are told what to do, and no sale is lost."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cloud.sync.intake import journal
from edge import app as edge_app
from edge.database import AlreadyRunning
from edge.sync.client import HeadOfficeRefused
from edge.sync.enrol import enrol
from shared.clock import SystemClock
from shared.model.strict import QUANTITY_MAX
from tests.edge.sync.head_office import Answer, playing, says
from tests.world import BARCODES, World, open_world, until

BEFORE_A_JOB = 18  # bytes that ask the printer how it is


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


async def shown(world: World, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """Wait until the kiosk's screen shows something; returns what it shows."""

    async def is_so() -> bool:
        return bool(holds(await world.lane()))

    await until(is_so)
    return await world.lane()


def device(view: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(device for device in view["devices"] if device["name"] == name)
    return found


async def test_codes_that_cannot_be_sold_are_told_and_the_sale_goes_on(world: World) -> None:
    bad = {
        "4006381333932": "damaged-barcode",
        "NOBODY-KNOWS": "unknown-barcode",
        "96385074": "ambiguous-barcode",
        "4012345678901": "no-price",
    }
    told = []
    for text, code in bad.items():
        status, problem = await world.call("POST", "/api/lanes/kiosk/scans", {"code": text})
        await world.scanner.scan(text)
        notice = (await shown(world, lambda view, code=code: (view["notice"] or {}).get("code") == code))["notice"]
        told.append((status, problem, notice))
    await world.scanner.scan(BARCODES["milk"])
    view = await shown(world, lambda view: view["basket"])
    await world.sell("tea")
    await world.settle(orders=1)

    for status, problem, notice in told:
        assert status in {400, 404, 409}
        assert (problem["code"], problem["title"], problem["hint"]) == (
            notice["code"],
            notice["title"],
            notice["hint"],
        )
    assert [problem["code"] for _, problem, _ in told] == list(bad.values())
    assert view["notice"] is None
    assert view["basket"]["quantity"] == 1


@pytest.mark.parametrize("quantity", [-1, QUANTITY_MAX + 1, 10**9])
async def test_absurd_quantities_are_refused_and_the_basket_stays(world: World, quantity: int) -> None:
    basket = await world.scan("milk")
    status, problem = await world.call("PUT", f"/api/baskets/{basket['id']}/lines/1", {"quantity": quantity})
    order = await world.sell("milk")
    await world.settle(orders=1)

    assert (status, problem["code"]) == (400, "quantity-out-of-range")
    assert str(QUANTITY_MAX) in problem["hint"]
    assert order["total_minor"] == 230


async def test_a_printer_in_trouble_stops_no_sale_and_prints_everything_in_the_end(world: World) -> None:
    hints, orders = [], []
    for begin, end, code in (
        (world.printer.paper_out, world.printer.load_paper, "printer-out-of-paper"),
        (world.printer.cover_open, world.printer.close_cover, "printer-cover-open"),
    ):
        begin()
        orders.append(await world.sell("milk"))
        view = await shown(world, lambda view, code=code: device(view, "printer")["code"] == code)
        hints.append(device(view, "printer")["hint"])
        end()
        await shown(world, lambda view: device(view, "printer")["state"] == "ready")
        await world.printed(len(orders))
    await world.printer.power_off()
    orders.append(await world.sell("milk"))
    view = await shown(world, lambda view: device(view, "printer")["code"] == "device-disconnected")
    hints.append(device(view, "printer")["hint"])
    await world.printer.power_on()
    await world.printed(3)
    await world.settle(orders=3)

    assert [receipt.qrs for receipt in world.printer.receipts] == [(order["id"],) for order in orders]
    assert not any("COPY" in receipt.text for receipt in world.printer.receipts)
    assert all(hints)


async def test_a_receipt_cut_off_in_the_middle_comes_again_as_a_copy(world: World) -> None:
    basket = await world.scan("milk")
    world.printer.cut_link(after_bytes=BEFORE_A_JOB + 60)
    tender = {"kind": "card", "card": "test-approved"}
    _, order = await world.call("POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})
    await world.printed(1)
    await world.settle(orders=1)

    [receipt] = world.printer.receipts
    assert "COPY" in receipt.text
    assert receipt.qrs == (order["id"],)


async def test_a_scanner_that_comes_loose_is_told_and_used_again(world: World) -> None:
    await world.scanner.scan(BARCODES["milk"])
    await shown(world, lambda view: view["basket"])
    world.scanner.unplug()
    view = await shown(world, lambda view: device(view, "scanner")["state"] == "failed")
    typed = await world.scan("milk")  # on the screen, meanwhile
    world.scanner.plug()
    await world.scanner.scan(BARCODES["milk"])
    back = await shown(world, lambda view: view["basket"]["quantity"] == 3)

    assert "cable" in device(view, "scanner")["hint"]
    assert typed["quantity"] == 2
    assert device(back, "scanner")["state"] == "ready"


async def falls_silent(_request: Any) -> Any:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        says("", 500),
        says("<html>Welcome to our Wi-Fi</html>", 200, "text/html"),
        says('{"nonsense": true}'),
        falls_silent,
    ],
    ids=["unreachable", "500", "captive portal", "garbage", "slow"],
)
async def test_a_head_office_that_fails_stops_no_sale_and_gets_everything_later(
    world: World, answer: Answer | None
) -> None:
    office_port = world.line.target_port
    await world.line.cut()
    async with playing(answer or says("")) as stage:
        if answer:
            world.line.target_port = int(stage.url.rpartition(":")[2])
            await world.line.mend()
        orders = [await world.sell("milk") for _ in range(3)]
        if answer is not falls_silent:  # after ten seconds it would be noticed, too
            view = await shown(world, lambda view: not view["head_office"]["online"])
            assert view["head_office"]["unsent"] >= 1
        await world.line.cut()
    world.line.target_port = office_port
    await world.line.mend()
    await world.settle(orders=3)
    rows = await world.orders_at_head_office()

    assert [row["id"] for row in reversed(rows)] == [order["id"] for order in orders]
    assert [order["receipt_number"] for order in orders] == [f"T1K1-{number:06d}" for number in (1, 2, 3)]


async def test_without_its_line_a_card_is_refused_with_a_way_out_and_cash_works(world: World) -> None:
    basket = await world.scan("milk")
    await world.line.cut()
    await shown(world, lambda view: not view["head_office"]["online"])
    tender = {"kind": "card", "card": "test-approved"}
    status, problem = await world.call("POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})
    order = await world.sell("milk")
    await world.line.mend()
    await world.settle(orders=1)

    assert (status, problem["code"]) == (503, "card-unavailable")
    assert "Pay in cash" in problem["hint"]
    assert (order["id"], order["tender"]) == (basket["id"], "cash")


async def test_a_wrong_or_used_code_makes_no_box_and_says_why(world: World, tmp_path: Path) -> None:
    _, stores = await world.call_office("GET", "/api/stores")
    path = f"/api/stores/{stores['stores'][0]['id']}/nodes"
    _, node = await world.call_office("POST", path, {"name": "second", "series": "T1K2"})
    why = []
    async with edge_app.open_database(tmp_path / "second") as second, edge_app.open_database(tmp_path / "3rd") as third:
        await enrol(second, world.office_url, node["enrolment_code"], SystemClock())
        for code in (node["enrolment_code"], "AAAA-BBBB-CCCC"):
            with pytest.raises(HeadOfficeRefused) as refused:
                await enrol(third, world.office_url, code, SystemClock())
            why.append(refused.value.title)
    await world.sell("milk")
    await world.settle(orders=1)

    assert "used by another box" in why[0]
    assert "not valid" in why[1]
    assert all("new code" in title for title in why)


async def test_a_second_daemon_on_the_same_data_is_refused_while_the_first_sells(world: World, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning) as refused:
        edge_app.open_database(tmp_path / "edge")
    await world.sell("milk")
    await world.settle(orders=1)

    assert str(tmp_path / "edge") in refused.value.title
    assert "data folder of its own" in refused.value.hint


async def test_a_full_disk_is_told_and_selling_goes_on_when_there_is_room(world: World) -> None:
    sold = [await world.sell("milk")]

    def fill(tx: edge_app.Transaction) -> None:
        tx.value(f"pragma max_page_count = {tx.value('pragma page_count')}")

    await world.shop.db.transact(fill)
    status, answer = 200, sold[0]
    while status == 200 and len(sold) < 100:
        scanned, basket = await world.call("POST", "/api/lanes/kiosk/scans", {"code": BARCODES["milk"]})
        status, answer = scanned, basket
        if status == 200:
            tender = {"kind": "cash", "tendered_minor": 1_000_000}
            status, answer = await world.call("POST", f"/api/baskets/{basket['id']}/checkout", {"tender": tender})
        if status == 200:
            sold.append(answer)
    await world.shop.db.transact(lambda tx: tx.value("pragma max_page_count = 1000000"))
    after = await world.sell("milk")
    await world.settle(orders=len(sold) + 1)

    assert (status, answer["code"]) == (503, "disk-full")
    assert "Do not hand out goods" in answer["hint"]
    assert "selling goes on by itself" in answer["hint"]
    numbers = [order["receipt_number"] for order in (*sold, after)]
    assert numbers == [f"T1K1-{number:06d}" for number in range(1, len(sold) + 2)]  # no gap, nothing half-written


async def test_a_damaged_configuration_is_told_in_two_lines(tmp_path: Path) -> None:
    config = tmp_path / "edge.toml"
    config.write_text('[head_office]\nurl = "https://office.example"\n[http]\nprot = 8080\n')
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge", "run", "--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()

    assert (process.returncode, output) == (2, b"")
    what, then = errors.decode().splitlines()
    assert "unknown key 'http.prot'" in what
    assert then == "Correct the configuration and start again."


async def test_head_office_learns_of_devices_that_fail_and_come_back(world: World) -> None:
    world.printer.paper_near_end()
    await shown(world, lambda view: device(view, "printer")["state"] == "degraded")
    world.printer.paper_out()
    await shown(world, lambda view: device(view, "printer")["state"] == "failed")
    world.printer.load_paper()
    await shown(world, lambda view: device(view, "printer")["state"] == "ready")

    async def delivered() -> bool:
        return world.shop.line.unsent == 0

    await until(delivered)
    entries = await world.head_office.db.read(lambda tx: list(tx.execute(select(journal.c.entry)).scalars()))
    of_printer = [entry for line in entries if (entry := json.loads(line))["body"].get("device") == "printer"]

    assert [(entry["name"], entry["body"].get("reason")) for entry in of_printer] == [
        ("device.connected", None),
        ("device.degraded", "printer-paper-low"),
        ("device.failed", "printer-out-of-paper"),
        ("device.connected", None),
    ]
    assert (await world.call_office("GET", "/api/office"))[1]["quarantined"] == 0
