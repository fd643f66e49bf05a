"""No body that anybody can send makes a door fail; the same seed sends the same bodies."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from cloud.app import DOORS
from shared import ids
from tests.cloud.boxes import Box, an_id
from tests.cloud.world import STORE, Tenant, World, knock_as, open_world, send

BODIES = 50
SEED = 20260302
SOUND: dict[str, Any] = {
    "/api/tenants": {"name": "Mine"},
    "/api/session": {"key": "x"},
    "/api/stores": {**STORE, "address": ["1 High Street"], "tax_rates_bp": {"standard": 2000}, "day_cutoff": "04:00"},
    "/api/stores/{store_id}/nodes": {"name": "till", "series": "T1"},
    "/api/stores/{store_id}/settings": {
        "name": "Mine",
        "timezone": "Europe/London",
        "day_cutoff": "04:00",
        "donation_amounts_minor": [50],
        "cash_increment_minor": 5,
        "tax_rates_bp": {"standard": 2000, "reduced": 500, "reduced_5": 500, "zero": 0},
    },
    "/api/enrolments": {"code": "2222-2222-2222", "public_key": "0" * 64},
    "/api/catalogue/imports": "sku,name,barcode,price,tax_class\ntea,Tea,4006381333931,1.00,standard\n",
    "/api/promotions": {
        "promotions": [
            {
                "id": "P",
                "name": "3 for 2",
                "family": "line_special",
                "n": 3,
                "m": 1,
                "target": {"skus": ["tea"]},
                "reward": {"kind": "percent", "value": 10_000},
            }
        ]
    },
    "/api/promotions/imports": "id,name,family,skus,n,m,reward,value\nP,3 for 2,line_special,1|2,3,1,percent,100%\n",
    "/api/promotions/try": {
        "orders": 10,
        "since": "2026-03-01",
        "promotions": [{"id": "P", "family": "easy", "reward": {"kind": "amount", "value": 5}}],
    },
    "/api/promotions/check": {
        "promotion": {
            "id": "P",
            "family": "combo",
            "slots": [{"select": {"skus": ["tea"], "not_skus": ["x"]}, "qty": 1}],
            "reward": {"kind": "set_price", "value": 100},
        }
    },
    "/api/promotions/changes": {"stores": ["S1"]},
    "/api/promotions/trials": {"pack": "none", "since": "2026-03-01", "until": "2026-03-02", "orders": 10},
    "/api/promotions/packs": {"stores": ["S1"], "starts_at": "2026-03-03T09:00:00Z"},
    "/api/promotions/alarms/{order_id}/acknowledgement": {},
    "/api/promotions/{promotion_id}": {
        "state": "draft",
        "promotion": {
            "id": "P",
            "family": "easy_plus",
            "target": {"tags": ["tea"], "not_skus": ["x"], "min_unit_price": 5},
            "gate": {"from": "2026-03-01", "hours": [9, "17:30"], "days": [1, 2], "stores": ["S1"]},
            "tiers": [{"min_qty": 3, "reward": {"kind": "percent", "value": 1000}}],
        },
    },
    "/api/coupons/{campaign_id}": {
        "name": "Summer",
        "kind": "batch",
        "text": "SUN",
        "size": 10,
        "max_uses_per_code": 1,
        "closes": "2026-08-31",
    },
    "/api/lotteries/{lottery_id}": {"name": "Summer draw", "from_minor": 1000, "closes": "2026-08-31"},
    "/api/lotteries/{lottery_id}/imports": "code\nA1\nA2\n",
    "/api/donations/{campaign_id}": {"name": "Sea rescue"},
    "/api/uses/reservations": {
        "basket_id": an_id(1),
        "attempt": an_id(2),
        "uses": [{"quota": "summer", "digest": "0" * 32}],
    },
    "/api/uses/balances": {"basket_id": an_id(1), "quota": "summer", "digest": "0" * 32},
    "/api/uses/reservations/return": {"basket_id": an_id(1), "attempt": an_id(2), "quota": "summer"},
    "/api/nodes/{node_id}/retirement": {},
    "/api/alarms/{alarm}/settlement": {"author": "Ada", "note": "Replaced"},
    "/api/quarantine/replays": {"author": "Ada", "node_id": an_id(1)},
    "/api/quarantine/{node_id}/{seq}/replay": {"author": "Ada"},
    "/api/quarantine/{node_id}/{seq}/settlement": {"author": "Ada", "note": "Entered by hand"},
    "/api/quarantine/{node_id}/{seq}/correction": {
        "author": "Ada",
        "reason": "From the paper",
        "event": "node.started",
        "version": 1,
        "body": {"software_version": "1.0"},
    },
    "/api/journal": None,  # a batch of the box's own
    "/api/journal/branches": None,
    "/api/journal/copies": None,
    "/api/contacts": {"unsent": 1, "oldest_unsent_at": "2026-03-02T09:00:00Z"},
    "/api/returns": {"certificate": "bm9uZQ==.bm9uZQ=="},
    "/api/returns/neighbours": None,
    "/api/payments": {"id": an_id(1), "amount_minor": 1, "currency": "GBP", "card": "test-approved"},
    "/api/payments/void": {"id": an_id(1)},
}
WRITES = [route for door in DOORS for route in door.routes.routes if route.method in {"POST", "PUT"}]
ODD = (
    "null", "true", "-1", "0", "1.5", "1e400", "-1e-400", "NaN", "Infinity", "9" * 5_000, '""', '"\\u0000"',
    '"\\ud800"', '"\\udfff\\ud800"', '"\\uFFFF"', '"\u202e\u200b"', '"=1+1"', '"' + "x" * 5_000 + '"', "[]", "{}",
    "[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300, '"0000-99-99"', '"9999-12-31T23:59:59Z"', '{"":null}',
)  # fmt: skip
RAW = (
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b'"\xc3"', b'{"name": "\xff"}', b"{", b"[[[", b"'x'", b"{} {}",
    b'{"name": 1, "name": "twice"}', b"\xef\xbb\xbf{}", b"[" * 100_000, b'{"a":' * 50_000, b"-", b"\x1f\x8b",
)  # fmt: skip
ODD_TEXT = (b"\x00", b"\xff", b'"', b",", b"\r", b"\n", b";;", b"\xe2\x80\xae", b"9" * 40, b"'", b"-", b"e", b"_")


@pytest.mark.parametrize("route", WRITES, ids=lambda route: f"{route.method} {route.path}")
async def test_no_body_makes_a_door_fail(tmp_path: Path, route: Any) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        store = await tenant.open_store()
        box = await tenant.enrol(store["id"])
        box.started("1.0")
        if "quarantine" in route.path:
            box.entries.append(b"no entry at all")
            await send(world, box)
            await world.projected()
        sound = SOUND[route.path] if SOUND[route.path] is not None else json.loads(box.batch().model_dump_json())
        if route.path == "/api/journal/copies":
            sound = {"node_id": box.id, "batch": sound}
        if route.path == "/api/returns/neighbours":
            told = await knock_as(world, box, "GET", "/api/enrolment")
            sound = {"certificate": told.body["certificate"], "batch": sound}
        named = {
            "node_id": box.id,
            "seq": 2,
            "alarm": 1,
            "promotion_id": "P",
            "campaign_id": "summer",
            "lottery_id": "draw",
        }
        path = route.path.format(store_id=store["id"], order_id=an_id(1), **named)
        statuses = set()
        for content in bodies(sound):
            for headers in callers(world, tenant, box):
                statuses.add(await status_of(world, route.method, path, headers, content))
        alive = await world.knock("GET", "/healthz")

    assert max(statuses) < 500
    assert alive.status == 200


def bodies(sound: Any) -> list[bytes]:
    """Return bodies that mean nothing, that are odd, and that are sound but for one place."""
    chance = ids.seeded(SEED)
    spoil = spoilt_text if isinstance(sound, str) else spoilt
    return [*RAW, *(odd.encode() for odd in ODD), *(spoil(sound, chance) for _ in range(BODIES))]


def spoilt(sound: Any, chance: random.Random) -> bytes:
    """Put something odd at one place of a sound body, and sometimes a key that nobody knows."""
    text = json.dumps(sound)
    places = [place for place in leaves(sound) if json.dumps(place) in text]
    where = json.dumps(chance.choice(places))
    text = text.replace(where, chance.choice(ODD), 1)
    if chance.random() < 0.2:
        text = text.replace("{", '{"' + chance.choice(("__class__", "$ref", "\\u0000", "")) + '": 1, ', 1)
    return text.encode("utf-8", "surrogatepass")


def leaves(part: Any) -> list[Any]:
    if isinstance(part, dict):
        return [part, *(leaf for value in part.values() for leaf in leaves(value))]
    if isinstance(part, list):
        return [part, *(leaf for value in part for leaf in leaves(value))]
    return [part]


def spoilt_text(sound: str, chance: random.Random) -> bytes:
    """Put odd bytes somewhere into a sound text."""
    place = chance.randrange(len(sound))
    odd = chance.choice(
        (b"\x00", b"\xff", b'"', b",", b"\r", b"\n", b";;", b"\xe2\x80\xae", b"9" * 40, b"'", b"-", b"e")
    )
    return sound[:place].encode() + odd + sound[place + chance.randrange(3) :].encode()


def callers(world: World, tenant: Tenant, box: Box) -> list[dict[str, str]]:
    """Return the headers of everybody who may call: one of them gets through to what the body says."""
    keys = (world.head_office.operator_key, tenant.key, box.token())
    return [{"Authorization": f"Bearer {key}"} for key in keys]


async def status_of(world: World, method: str, path: str, headers: dict[str, str], content: bytes) -> int:
    is_file = path.endswith("/imports")
    query = "?currency=GBP" if is_file else ""
    headers = {**headers, "Content-Type": "text/csv" if is_file else "application/json"}
    return (await world.knock(method, path + query, headers=headers, data=content)).status
