"""What whoever watches over a box can see."""

from collections.abc import Callable
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from devices.supervision import DeviceState
from edge.catalogue.freshness import Freshness
from edge.database import Transaction
from edge.shop import Shop
from tests.edge.small_shop import NODE, Till, open_small_shop, open_till


async def test_a_box_where_everything_works_is_well(till: Till) -> None:
    till.shop.line.online = True
    till.shop.device_changed(DeviceState("printer", "printer", "ready"))
    now = till.shop.clock.now()
    await till.shop.catalogue.is_newest(Freshness.heard(now, till.shop.clock))

    status, health = await till.call("GET", "/healthz")

    assert status == 200
    assert health == {
        "status": "ok",
        "can_sell": True,
        "storage": "ok",
        "catalogue": "ok",
        "prices": "fresh",
        "prices_as_of": now.isoformat().replace("+00:00", "Z"),
        "prices_age_s": 0.0,
        "devices": {"printer": "ready"},
        "head_office": "online",
        "unsent": 0,
    }


async def test_a_box_that_sells_with_trouble_is_degraded(till: Till) -> None:
    till.shop.device_changed(DeviceState("printer", "printer", "failed", "x", "The printer is out of paper.", "Load."))

    status, health = await till.call("GET", "/healthz")

    assert (status, health["status"], health["can_sell"]) == (200, "degraded", True)
    assert health["devices"] == {"printer": "The printer is out of paper."}
    assert health["head_office"] == "offline"


async def test_a_box_without_its_catalogue_cannot_sell(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path):
        pass
    (tmp_path / "catalogue.db").unlink()

    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        status, health = await till.call("GET", "/healthz")
        scanned, problem = await till.scan("milk")
        lane = await till.lane()

    assert (status, health["status"], health["catalogue"]) == (503, "failing", "not received yet")
    assert (scanned, problem["code"]) == (503, "store-not-ready")
    assert "starts selling by itself" in problem["hint"]
    assert lane["basket"] is None


async def samples(till: Till) -> Callable[..., float]:
    """Return a reader of what the box counted."""
    async with till.http.get(till.url + "/metrics") as response:
        assert response.content_type == "text/plain"
        families = list(text_string_to_metric_families(await response.text()))
    found = {(one.name, *sorted(one.labels.items())): one.value for family in families for one in family.samples}
    return lambda name, **labels: found[name, *sorted(labels.items())]


async def test_what_happens_is_counted(till: Till) -> None:
    till.shop.device_changed(DeviceState("printer", "printer", "ready"))
    await till.sell("milk", "tea")
    till.shop.line.online = True

    value = await samples(till)

    assert value("shopwright_scans_total", result="added") == 2
    assert value("shopwright_scan_seconds_count") == 2
    assert value("shopwright_orders_total", tender="cash") == 1
    assert value("shopwright_place_seconds_count") == 1
    assert value("shopwright_device_ready", device="printer", kind="printer") == 1


async def test_no_metric_names_an_order_or_a_customer(till: Till) -> None:
    order = await till.sell("milk")
    async with till.http.get(till.url + "/metrics") as response:
        text = await response.text()

    assert order["id"] not in text
    assert order["receipt_number"] not in text


def identity(tx: Transaction) -> tuple[str, str]:
    found: tuple[str, str] = tx.row("select hex(key), enrolled from identity")
    return found


async def test_a_box_is_the_same_node_after_a_restart(tmp_path: Path) -> None:
    async def opened() -> tuple[Shop, tuple[str, str]]:
        async with open_small_shop(tmp_path) as shop:
            return shop, await shop.db.transact(identity)

    (first, first_row), (second, second_row) = await opened(), await opened()

    assert first.identity.enrolled == second.identity.enrolled == NODE
    assert first_row == second_row
