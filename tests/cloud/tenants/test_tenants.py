"""Tenants, their keys, and signing in to the screens."""

import hashlib
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from tests.cloud.world import Tenant, World, open_world


async def sign_in(world: World, key: str) -> tuple[int, SimpleCookie]:
    answer = await world.knock("POST", "/api/session", json={"key": key})
    return answer.status, SimpleCookie(answer.headers.get("Set-Cookie", ""))


async def test_only_the_operator_creates_tenants(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        keys = (None, "", "wrong", tenant.key, world.head_office.operator_key + "x")
        refused = [await world.knock("POST", "/api/tenants", key=key, json={"name": "Mine"}) for key in keys]
        tenants = await world.rows("select name from tenants")

    assert [(answer.status, answer.body["code"]) for answer in refused] == [(403, "operator-only")] * 5
    assert tenants == [("Corner shops",)]


async def test_the_operator_may_use_a_key_of_their_own(tmp_path: Path) -> None:
    async with open_world(tmp_path, operator_key="chosen-by-the-operator") as world:
        answer = await world.knock("POST", "/api/tenants", key="chosen-by-the-operator", json={"name": "Mine"})

    assert answer.status == 201
    assert not (tmp_path / "operator.key").exists()


async def test_the_operator_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        first = world.head_office.operator_key
    async with open_world(tmp_path) as world:
        second = world.head_office.operator_key

    assert first == second
    assert (tmp_path / "operator.key").stat().st_mode & 0o777 == 0o600


async def test_no_file_holds_a_secret_that_was_told_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        headers = {"Idempotency-Key": "first try"}
        operator_key = world.head_office.operator_key
        created = await world.knock("POST", "/api/tenants", key=operator_key, json={"name": "Mine"}, headers=headers)
        tenant = Tenant(world, created.body["tenant"]["id"], created.body["key"])
        store = await tenant.open_store()
        path, node = f"/api/stores/{store['id']}/nodes", {"name": "kiosk", "series": "S1K1"}
        prepared = await tenant.knock("POST", path, json=node, headers=headers)
        hashes = await world.rows("select key_hash from tenants")

    kept = (tmp_path / "head-office.db").read_bytes()
    assert created.body["key"].encode() not in kept
    assert prepared.body["enrolment_code"].encode() not in kept
    assert hashes == [(hashlib.sha256(created.body["key"].encode()).hexdigest(),)]


async def test_a_repeat_with_the_same_idempotency_key_is_the_same_tenant(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        key, headers = world.head_office.operator_key, {"Idempotency-Key": "7f0c"}
        first = await world.knock("POST", "/api/tenants", key=key, json={"name": "Mine"}, headers=headers)
        again = await world.knock("POST", "/api/tenants", key=key, json={"name": "Mine"}, headers=headers)
        other = await world.knock(
            "POST", "/api/tenants", key=key, json={"name": "Mine"}, headers={"Idempotency-Key": "2"}
        )
        opens = await world.knock("GET", "/api/stores", key=again.body["key"])

    assert again.body["tenant"] == first.body["tenant"]
    assert other.body["tenant"]["id"] != first.body["tenant"]["id"]
    assert opens.status == 200


@pytest.mark.parametrize("idempotency_key", ["", "x" * 81])
async def test_an_idempotency_key_has_1_to_80_characters(tmp_path: Path, idempotency_key: str) -> None:
    async with open_world(tmp_path) as world:
        headers = {"Idempotency-Key": idempotency_key}
        operator_key = world.head_office.operator_key
        answer = await world.knock("POST", "/api/tenants", key=operator_key, json={"name": "Mine"}, headers=headers)
        tenants = await world.rows("select name from tenants")

    assert (answer.status, answer.body["code"]) == (400, "bad-idempotency-key")
    assert tenants == []


async def test_an_unknown_key_opens_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        unknown = [
            await world.knock("GET", "/api/stores", key=key)
            for key in ("wrong", tenant.key[:-1], tenant.key.upper(), tenant.id, world.head_office.operator_key)
        ]
        nobody = await world.knock("GET", "/api/stores")
        known = await tenant.knock("GET", "/api/stores")

    assert {(answer.status, answer.body["code"]) for answer in unknown} == {(401, "unknown-key")}
    assert (nobody.status, nobody.body["code"]) == (401, "unauthenticated")
    assert known.status == 200


async def test_the_session_cookie_opens_what_the_key_opens(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant("Corner shops")
        status, cookie = await sign_in(world, tenant.key)
        session = cookie["shopwright_session"]
        office = await world.knock("GET", "/api/office", headers={"Cookie": f"shopwright_session={session.value}"})

    assert status == 204
    assert office.body["tenant_name"] == "Corner shops"
    assert (session["httponly"], session["samesite"], session["path"]) == (True, "Strict", "/")
    assert not session["secure"]


async def test_a_session_travels_over_https_only_where_there_is_https(tmp_path: Path) -> None:
    async with open_world(tmp_path, secure_cookies=True) as world:
        tenant = await world.tenant()
        _, cookie = await sign_in(world, tenant.key)

    assert cookie["shopwright_session"]["secure"]


async def test_a_wrong_key_signs_nobody_in(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        status, cookie = await sign_in(world, "wrong")
        with_it = await world.knock("GET", "/api/office", headers={"Cookie": "shopwright_session=wrong"})

    assert status == 401
    assert not cookie
    assert with_it.status == 401


async def test_signing_out_takes_the_cookie_away(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant = await world.tenant()
        answer = await world.knock("DELETE", "/api/session", headers={"Cookie": f"shopwright_session={tenant.key}"})
        session = SimpleCookie(answer.headers["Set-Cookie"])["shopwright_session"]

    assert answer.status == 204
    assert session.value == ""
    assert session["max-age"] == "0"
