"""Opening stores and preparing their nodes."""

from pathlib import Path
from typing import Any

import pytest

from shared.model.tax import TAX_CLASSES_MAX
from tests.cloud.boxes import an_id
from tests.cloud.world import STORE, knock_as, open_world


async def test_a_store_gets_the_tax_rates_of_its_country(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        british = await tenant.open_store()
        greek = await tenant.open_store(
            code="S2", country="GR", currency="EUR", timezone="Europe/Athens", language="el"
        )
        listed = (await tenant.see("/api/stores"))["stores"]

    assert british["tax_rates_bp"] == {"standard": 2000, "reduced_5": 500, "reduced": 500, "zero": 0}
    assert greek["tax_rates_bp"]["standard"] == 2400
    assert listed == [british, greek]


async def test_a_store_may_bring_its_own_tax_rates(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store(country="XX", tax_rates_bp={"standard": 750})

    assert store["tax_rates_bp"] == {"standard": 750}


async def test_a_store_may_bring_a_logo_for_its_receipts(tmp_path: Path) -> None:
    logo = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQAAAADsdIMmAAAAC0lEQVR4nGNgQAUAABAAATm9j2UAAAAASUVORK5CYII="
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store(logo=logo, receipt_barcode=True)

    assert (store["logo"], store["receipt_barcode"]) == (logo, True)


@pytest.mark.parametrize(
    ("settings", "status", "named"),
    [
        ({"country": "XX"}, 404, "XX"),
        ({"retailer": "nobody"}, 404, "retailer"),
        ({"timezone": "Europe/Nowhere"}, 400, "timezone"),
        ({"country": "gb"}, 400, "country"),
        ({"currency": "POUND"}, 400, "currency"),
        ({"code": ""}, 400, "code"),
        ({"code": "two  spaces"}, 400, "code"),
        ({"name": "x" * 201}, 400, "name"),
        ({"language": "xx"}, 400, "language"),
        ({"address": ["1", "2", "3", "4", "5"]}, 400, "address"),
        ({"tax_rates_bp": {"standard": 10_001}}, 400, "tax_rates_bp"),
        ({"logo": "R0lGODlh"}, 400, "logo"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
async def test_a_store_that_cannot_be_is_refused_by_name(
    tmp_path: Path, settings: dict[str, Any], status: int, named: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        answer = await tenant.knock("POST", "/api/stores", json={**STORE, **settings})
        listed = (await tenant.see("/api/stores"))["stores"]

    assert answer.status == status
    assert named in answer.body["title"]
    assert listed == []


async def test_a_stores_code_is_its_own_within_the_tenant(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, neighbour = await world.tenant(), await world.tenant("Neighbour")
        await tenant.open_store(code="S1")
        taken = await tenant.knock("POST", "/api/stores", json={**STORE, "code": "S1"})
        elsewhere = await neighbour.open_store(code="S1")

    assert (taken.status, taken.body["code"]) == (409, "code-taken")
    assert elsewhere["code"] == "S1"


async def test_a_repeated_opening_is_one_store(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        headers = {"Idempotency-Key": "open S1"}
        first = await tenant.knock("POST", "/api/stores", json=STORE, headers=headers)
        again = await tenant.knock("POST", "/api/stores", json=STORE, headers=headers)
        listed = (await tenant.see("/api/stores"))["stores"]

    assert again.body == first.body
    assert len(listed) == 1


async def test_an_idempotency_key_means_nothing_to_another_tenant(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenants = [await world.tenant(name) for name in ("Alpha", "Beta")]
        headers = {"Idempotency-Key": "open S1"}
        opened = [await tenant.knock("POST", "/api/stores", json=STORE, headers=headers) for tenant in tenants]

    assert opened[0].body["id"] != opened[1].body["id"]


async def test_a_nodes_name_is_its_own_in_the_store_and_its_series_in_the_tenant(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        here, there = await tenant.open_store(code="S1"), await tenant.open_store(code="S2")
        await tenant.prepare(here["id"], "kiosk", "A")
        same_name = await tenant.knock("POST", f"/api/stores/{here['id']}/nodes", json={"name": "kiosk", "series": "B"})
        same_series = await tenant.knock(
            "POST", f"/api/stores/{there['id']}/nodes", json={"name": "till", "series": "A"}
        )
        elsewhere = await tenant.prepare(there["id"], "kiosk", "C")

    assert (same_name.status, same_name.body["code"]) == (409, "name-taken")
    assert (same_series.status, same_series.body["code"]) == (409, "series-taken")
    assert elsewhere["series"] == "C"


async def test_a_node_needs_a_store(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        node = {"name": "kiosk", "series": "A"}
        unknown = await tenant.knock("POST", f"/api/stores/{an_id(1)}/nodes", json=node)
        garbled = await tenant.knock("POST", "/api/stores/1/nodes", json=node)

    assert unknown.status == 404
    assert garbled.status == 400


async def test_a_repeated_preparation_is_one_node_with_a_fresh_code(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        path, headers = f"/api/stores/{store['id']}/nodes", {"Idempotency-Key": "kiosk"}
        node = {"name": "kiosk", "series": "A"}
        first = await tenant.knock("POST", path, json=node, headers=headers)
        again = await tenant.knock("POST", path, json=node, headers=headers)
        enrolment = {"code": again.body["enrolment_code"], "public_key": "0" * 64}
        enrolled = await world.knock("POST", "/api/enrolments", json=enrolment)

    assert again.body["id"] == first.body["id"]
    assert enrolled.body["node_id"] == first.body["id"]


async def test_head_office_sees_how_each_node_is_doing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        await tenant.prepare(store["id"], "a-waiting-one", "A")
        box = await tenant.enrol(store["id"], "kiosk", "K")
        world.clock.pass_by(minutes=5)
        backlog = {"unsent": 3, "oldest_unsent_at": "2026-03-02T08:59:00Z"}
        await knock_as(world, box, "POST", "/api/contacts", json=backlog)
        [seen] = (await tenant.see("/api/office"))["stores"]

    waiting, working = seen["nodes"]
    assert (waiting["enrolled"], waiting["last_contact_at"]) == (False, None)
    assert (working["enrolled"], working["last_contact_at"]) == (True, "2026-03-02T09:05:00Z")
    assert (working["unsent"], working["oldest_unsent_at"]) == (3, "2026-03-02T08:59:00Z")


SETTINGS = {"name": "Corner shop", "timezone": "Europe/London"}


async def test_changed_settings_go_to_the_nodes_and_the_rest_stays(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        box = await tenant.enrol(store["id"])
        wanted = {**SETTINGS, "reprice_open_baskets": True, "operator_discount_max_bp": 500, "receipt_barcode": True}
        answer = await tenant.knock("PUT", f"/api/stores/{store['id']}/settings", json=wanted)
        feed = (await knock_as(world, box, "GET", "/api/feed")).body
        listed = (await tenant.see("/api/stores"))["stores"]

    changed = {"reprice_open_baskets": True, "operator_discount_max_bp": 500, "receipt_barcode": True}
    assert (answer.status, answer.body) == (200, {**store, **changed})
    assert [row["body"] for row in feed["rows"] if row["kind"] == "setting"] == [answer.body]
    assert listed == [answer.body]


@pytest.mark.parametrize(
    ("changes", "status", "named"),
    [
        ({"currency": "EUR"}, 400, "currency"),
        ({"timezone": "Europe/Nowhere"}, 400, "timezone"),
        ({"operator_discount_max_bp": 10_001}, 400, "operator_discount_max_bp"),
        ({"cash_increment_minor": 0}, 400, "cash_increment_minor"),
        ({"donation_amounts_minor": [0]}, 400, "donation_amounts_minor"),
        ({"donation_amounts_minor": [1, 2, 3, 4, 5]}, 400, "donation_amounts_minor"),
        ({"tax_rates_bp": {"standard": 2000}}, 409, "reduced"),
        ({"retailer": "nobody"}, 404, "retailer"),
    ],
)
async def test_settings_that_cannot_be_change_nothing(
    tmp_path: Path, changes: dict[str, Any], status: int, named: str
) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        answer = await tenant.knock("PUT", f"/api/stores/{store['id']}/settings", json={**SETTINGS, **changes})
        listed = (await tenant.see("/api/stores"))["stores"]

    assert answer.status == status
    assert named in answer.body["title"]
    assert listed == [store]


async def test_a_store_has_no_more_tax_classes_than_its_days_can_close_with(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        rates = {f"t{number}": 2000 for number in range(TAX_CLASSES_MAX + 1)}
        answer = await tenant.knock("POST", "/api/stores", json={**STORE, "tax_rates_bp": rates})

    assert answer.status == 400
