"""No door shows or changes what belongs to another tenant; the list of doors is the service's own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from cloud.app import DOORS
from cloud.database import metadata
from tests.cloud.boxes import Box, an_id, raw_entry
from tests.cloud.world import CSV, STORE, Tenant, World, knock_as, open_world, send

MARK = b"alpha"  # in every name of the tenant that must not be seen
CATALOGUE = "sku,name,barcode,price,tax_class\n{0}-tea,{0} tea,,1.00,standard\n"
PROMOTION = {"name": "alpha offer", "family": "easy", "reward": {"kind": "percent", "value": 1000}}
CAMPAIGN = {"name": "alpha campaign", "kind": "shared", "text": "WELCOME10", "max_uses_total": 9}
RESERVATION = {"basket_id": an_id(901), "attempt": an_id(902), "uses": [{"quota": "welcome", "digest": None}]}
BALANCE = {"basket_id": an_id(901), "quota": "welcome", "digest": "0" * 32}
RETURN = {"basket_id": an_id(901), "attempt": an_id(902), "quota": "summer"}
OFFERS = "change,id,name,family,skus,reward,value\nadd,offer-1,beta offer,easy,*,percent,5%\n"
CORRECTION = {"author": "Beta", "reason": "Beta", "body": {"software_version": "beta"}}
PAYMENT = {"id": an_id(900), "amount_minor": 100, "currency": "GBP", "card": "test-approved"}


@dataclass(frozen=True, slots=True)
class Knock:
    """How another tenant's people, or their box, call a door with ids that are not theirs."""

    caller: str  # who the door is for: "anybody", "operator", "tenant", "node"
    body: Any = None
    query: str = ""
    csv: str | None = None


DOORS_CALLED = {
    ("POST", "/api/tenants"): Knock("operator", {"name": "Beta"}),
    ("POST", "/api/session"): Knock("anybody", {"key": "wrong"}),
    ("DELETE", "/api/session"): Knock("anybody"),
    ("POST", "/api/stores"): Knock("tenant", {**STORE, "code": "B2"}),
    ("GET", "/api/stores"): Knock("tenant"),
    ("PUT", "/api/stores/{store_id}/settings"): Knock("tenant", {"name": "Beta", "timezone": "Europe/London"}),
    ("POST", "/api/stores/{store_id}/nodes"): Knock("tenant", {"name": "beta-till", "series": "B9"}),
    ("POST", "/api/enrolments"): Knock("anybody", {"code": "WRNG-WRNG-WRNG", "public_key": "0" * 64}),
    ("POST", "/api/catalogue/imports"): Knock("tenant", query="?currency=GBP", csv=CATALOGUE.format("beta")),
    ("GET", "/api/promotions"): Knock("tenant"),
    ("PUT", "/api/promotions"): Knock("tenant", {"promotions": []}),
    ("GET", "/api/promotions/packs"): Knock("tenant"),
    ("POST", "/api/promotions/packs"): Knock("tenant", {}),
    ("DELETE", "/api/promotions/packs/{number}"): Knock("tenant"),
    ("POST", "/api/promotions/check"): Knock("tenant", {"promotion": {"id": "offer-1"}}),
    ("POST", "/api/promotions/changes"): Knock("tenant", {}),
    ("POST", "/api/promotions/trials"): Knock("tenant", {}),
    ("GET", "/api/promotions/trials"): Knock("tenant"),
    ("GET", "/api/promotions/trials/{trial_id}"): Knock("tenant"),
    ("DELETE", "/api/promotions/trials/{trial_id}"): Knock("tenant"),
    ("POST", "/api/promotions/try"): Knock("tenant", {"promotions": [{**PROMOTION, "name": "beta", "id": "B"}]}),
    ("POST", "/api/promotions/imports"): Knock("tenant", query="?currency=GBP&dry_run=false", csv=OFFERS),
    ("GET", "/api/promotions/alarms"): Knock("tenant"),
    ("POST", "/api/promotions/alarms/{order_id}/acknowledgement"): Knock("tenant"),
    ("GET", "/api/orders/{order_id}/pricing"): Knock("tenant"),
    ("GET", "/api/promotions/{promotion_id}"): Knock("tenant"),
    ("PUT", "/api/promotions/{promotion_id}"): Knock(
        "tenant", {"promotion": {**PROMOTION, "name": "beta", "id": "offer-1"}}
    ),
    ("DELETE", "/api/promotions/{promotion_id}"): Knock("tenant"),
    ("GET", "/api/coupons"): Knock("tenant"),
    ("GET", "/api/coupons/{campaign_id}"): Knock("tenant"),
    ("PUT", "/api/coupons/{campaign_id}"): Knock("tenant", {**CAMPAIGN, "name": "Beta"}),
    ("DELETE", "/api/coupons/{campaign_id}"): Knock("tenant"),
    ("GET", "/api/coupons/{campaign_id}/codes"): Knock("tenant"),
    ("GET", "/api/coupons/{campaign_id}/codes.csv"): Knock("tenant"),
    ("GET", "/api/coupons/{campaign_id}/balance"): Knock("tenant", query="?code=WELCOME10"),
    ("DELETE", "/api/nodes/{node_id}/leases"): Knock("tenant"),
    ("POST", "/api/uses/balances"): Knock("node", BALANCE),
    ("POST", "/api/uses/reservations"): Knock("node", RESERVATION),
    ("POST", "/api/uses/reservations/return"): Knock("node", RETURN),
    ("GET", "/api/specials/exceptions"): Knock("tenant"),
    ("GET", "/api/lotteries"): Knock("tenant"),
    ("PUT", "/api/lotteries/{lottery_id}"): Knock("tenant", {"name": "Beta", "from_minor": 1}),
    ("DELETE", "/api/lotteries/{lottery_id}"): Knock("tenant"),
    ("POST", "/api/lotteries/{lottery_id}/imports"): Knock("tenant", csv="beta-1\nbeta-2\n"),
    ("GET", "/api/donations"): Knock("tenant"),
    ("PUT", "/api/donations/{campaign_id}"): Knock("tenant", {"name": "Beta"}),
    ("DELETE", "/api/donations/{campaign_id}"): Knock("tenant"),
    ("GET", "/api/orders"): Knock("tenant", query="?store_id={store_id}"),
    ("GET", "/api/orders/{order_id}"): Knock("tenant"),
    ("GET", "/api/orders/{order_id}/receipt"): Knock("tenant"),
    ("GET", "/api/totals"): Knock("tenant"),
    ("POST", "/api/nodes/{node_id}/retirement"): Knock("tenant"),
    ("GET", "/api/alarms"): Knock("tenant"),
    ("POST", "/api/alarms/{alarm}/settlement"): Knock("tenant", {"author": "Beta", "note": "Beta"}),
    ("GET", "/api/days"): Knock("tenant", query="?store_id={store_id}"),
    ("GET", "/api/days/{closing_id}"): Knock("tenant"),
    ("GET", "/api/quarantine"): Knock("tenant", query="?node_id={node_id}"),
    ("POST", "/api/quarantine/replays"): Knock("tenant", {"author": "Beta"}),
    ("GET", "/api/quarantine/{node_id}/{seq}"): Knock("tenant"),
    ("GET", "/api/quarantine/{node_id}/{seq}/entry"): Knock("tenant"),
    ("POST", "/api/quarantine/{node_id}/{seq}/replay"): Knock("tenant", {"author": "Beta"}),
    ("POST", "/api/quarantine/{node_id}/{seq}/settlement"): Knock("tenant", {"author": "Beta", "note": "Beta"}),
    ("POST", "/api/quarantine/{node_id}/{seq}/correction"): Knock("tenant", CORRECTION),
    ("GET", "/api/office"): Knock("tenant"),
    ("GET", "/api/office/live"): Knock("tenant"),
    ("POST", "/api/journal"): Knock("node"),
    ("POST", "/api/journal/branches"): Knock("node"),
    ("POST", "/api/journal/copies"): Knock("node"),
    ("GET", "/api/journal/copies/{node_id}"): Knock("node"),
    ("POST", "/api/contacts"): Knock("node", {"unsent": 7}),
    ("GET", "/api/enrolment"): Knock("node"),
    ("POST", "/api/returns"): Knock("node", {"certificate": "alpha.alpha"}),
    ("POST", "/api/returns/neighbours"): Knock("node"),
    ("GET", "/api/feed"): Knock("node"),
    ("GET", "/api/feed/snapshot"): Knock("node"),
    ("POST", "/api/payments"): Knock("node", PAYMENT),
    ("POST", "/api/payments/void"): Knock("node", {"id": PAYMENT["id"]}),
    ("GET", "/healthz"): Knock("anybody"),
}


async def test_every_door_is_called_here() -> None:
    doors = {(route.method, route.path) for door in DOORS for route in door.routes.routes}

    assert doors == DOORS_CALLED.keys()


async def test_a_door_that_is_not_for_anybody_asks_who_calls(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box, ids = await alpha(world)
        answers = {
            door: await knock(world, door, asked, ids, key=None, batch=box.batch().model_dump_json())
            for door, asked in DOORS_CALLED.items()
            if asked.caller != "anybody"
        }

    assert {status for status, _ in answers.values()} <= {401, 403}


async def test_the_key_of_a_tenant_is_no_key_of_a_node_and_the_other_way_round(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box, ids = await alpha(world)
        keys = {"tenant": box.token(), "node": tenant.key}
        answers = {
            door: await knock(world, door, asked, ids, key=keys[asked.caller], batch=box.batch().model_dump_json())
            for door, asked in DOORS_CALLED.items()
            if asked.caller in keys
        }

    assert {status for status, _ in answers.values()} == {401}


async def test_no_door_shows_or_changes_what_belongs_to_another_tenant(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        owner, _, ids = await alpha(world)
        other = await world.tenant("Beta")
        store = await other.open_store(name="Beta shop")
        box = await other.enrol(store["id"], "beta-kiosk", "B1")
        box.sold(500)
        before = await everything_of(world, owner)
        answers = {}
        for door, asked in DOORS_CALLED.items():
            key = {"operator": other.key, "tenant": other.key, "node": box.token(), "anybody": None}[asked.caller]
            answers[door] = await knock(world, door, asked, ids, key=key, batch=box.batch().model_dump_json())
        await world.projected()
        after = await everything_of(world, owner)
        seen_by_owner = (await owner.see(f"/api/orders/{ids['order_id']}"))["node_name"]

    shown = {door for door, (_, content) in answers.items() if MARK in content.lower()}
    assert shown == set()
    assert after == before
    assert seen_by_owner == "alpha-kiosk"
    assert answers["GET", "/api/orders/{order_id}"][0] == 404
    assert answers["GET", "/api/orders/{order_id}/receipt"][0] == 404
    assert answers["POST", "/api/stores/{store_id}/nodes"][0] == 404
    assert json.loads(answers["GET", "/api/orders"][1])["orders"] == []


async def test_ids_and_receipt_numbers_of_one_tenant_are_free_for_another(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        boxes = []
        for name in ("Alpha", "Beta"):
            tenant = await world.tenant(name)
            store = await tenant.open_store(name=name)
            boxes.append((tenant, await tenant.enrol(store["id"])))
        for _, box in boxes:
            box.sold(1)
            await send(world, box)
        await world.projected()
        totals = [await tenant.totals() for tenant, _ in boxes]
        payments = [await knock_as(world, box, "POST", "/api/payments", data=json.dumps(PAYMENT)) for _, box in boxes]
        await knock_as(world, boxes[1][1], "POST", "/api/payments/void", data=json.dumps({"id": PAYMENT["id"]}))
        kept = await knock_as(world, boxes[0][1], "POST", "/api/payments", data=json.dumps(PAYMENT))

    assert [(row["orders"], row["quarantined"]) for row in totals] == [(1, 0), (1, 0)]
    assert [answer.body["state"] for answer in payments] == ["approved", "approved"]
    assert kept.body["state"] == "approved"


async def alpha(world: World) -> tuple[Tenant, Box, dict[str, Any]]:
    """Let a tenant have something of everything. Returns it with its box and the ids that others may have heard of."""
    tenant = await world.tenant("Alpha")
    store = await tenant.open_store(code="alpha", name="Alpha shop")
    box = await tenant.enrol(store["id"], "alpha-kiosk", "ALPHA")
    await tenant.import_csv(CATALOGUE.format("alpha"))
    await tenant.knock("PUT", "/api/promotions", json={"promotions": [{**PROMOTION, "id": "offer-1"}]})
    await tenant.knock("PUT", "/api/coupons/welcome", json=CAMPAIGN)
    await tenant.knock("PUT", "/api/donations/welcome", json={"name": "alpha relief"})
    await tenant.knock("PUT", "/api/lotteries/draw", json={"name": "alpha draw", "from_minor": 500})
    await tenant.knock("POST", "/api/lotteries/draw/imports", data="alpha-1\nalpha-2\n", headers=CSV)
    order = box.sold(1, coupons=({"campaign": "alpha", "digest": None, "grant": "free"},))
    box.started("alpha 1.0")
    box.entries.append(raw_entry(3, '"name": "alpha.happened", "version": 1, "body": {}'))
    closing = box.closed(figures={"orders": 7})
    await send(world, box)
    await knock_as(world, box, "POST", "/api/payments", data=json.dumps(PAYMENT))
    await knock_as(world, box, "POST", "/api/uses/reservations", data=json.dumps(RESERVATION))
    await world.checked()
    tomorrow = {"starts_at": "2026-03-03T09:00:00Z"}
    pack = await tenant.knock("POST", "/api/promotions/packs", json=tomorrow)
    trial = await tenant.knock("POST", "/api/promotions/trials", json={"pack": pack.body["version"]})
    ids = {
        "store_id": store["id"],
        "order_id": order.id,
        "promotion_id": "offer-1",
        "number": pack.body["number"],
        "seq": 3,
        "closing_id": closing.id,
        "alarm": 1,
        "trial_id": trial.body["id"],
    }
    return tenant, box, {**ids, "campaign_id": "welcome", "lottery_id": "draw", "node_id": box.id}


async def knock(
    world: World, door: tuple[str, str], asked: Knock, ids: dict[str, Any], *, key: str | None, batch: str
) -> tuple[int, bytes]:
    """Call a door. Returns the status and the content, of a live page its first state."""
    method, path = door
    options: dict[str, Any] = {} if asked.body is None else {"json": asked.body}
    if path in {"/api/journal", "/api/journal/branches"}:
        options = {"data": batch, "headers": {"Content-Type": "application/json"}}
    if path == "/api/journal/copies":
        options = {"json": {"node_id": ids["node_id"], "batch": json.loads(batch)}}
    if path == "/api/returns/neighbours":
        options = {"json": {"certificate": "alpha.alpha", "batch": json.loads(batch)}}
    if asked.csv is not None:
        options = {"data": asked.csv.encode(), "headers": {"Content-Type": "text/csv"}}
    if key is not None:
        options["headers"] = {**options.get("headers", {}), "Authorization": f"Bearer {key}"}
    url = world.url + path.format(**ids) + asked.query.format(**ids)
    async with world.http.request(method, url, **options) as response:
        assert response.status < 500, door
        return response.status, await content_of(response)


async def content_of(response: aiohttp.ClientResponse) -> bytes:
    if response.content_type == "text/event-stream":
        return await response.content.readline()
    return await response.read()


async def everything_of(world: World, tenant: Tenant) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows that bear the tenant's id, by table."""
    return {
        table.name: sorted(
            await world.rows(f"select * from {table.name} where tenant_id = :tenant_id", tenant_id=tenant.id), key=str
        )
        for table in metadata.sorted_tables
        if "tenant_id" in table.c
    }
