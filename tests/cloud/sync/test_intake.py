"""A node's journal is taken in order, once, and only from the node itself."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.protocol import token
from shared.protocol.batch import Backlog
from tests.cloud.boxes import Box
from tests.cloud.world import World, knock_as, open_world, send


async def a_box(world: World, entries: int = 0, name: str = "kiosk") -> Box:
    """Enrol a box that has written so many entries."""
    tenant = await world.tenant(name)
    store = await tenant.open_store()
    box = await tenant.enrol(store["id"], name)
    box.started(*(f"1.{number}" for number in range(entries)))
    return box


async def journal(world: World) -> list[tuple[Any, ...]]:
    return await world.rows("select seq, entry from journal order by node_id, seq")


def written(box: Box, entries: int) -> list[tuple[int, str]]:
    return [(seq, box.entries[seq - 1].decode()) for seq in range(1, entries + 1)]


async def test_batches_in_order_are_kept_as_they_were_written(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=5)
        answers = [await send(world, box, 1, 2), await send(world, box, 3, 3), await send(world, box, 4, 5)]
        kept = await journal(world)

    assert [answer.body for answer in answers] == [{"seq": seq, "head": box.head(seq).hex()} for seq in (2, 3, 5)]
    assert kept == written(box, 5)


async def test_a_repeat_changes_nothing_and_is_told_the_same(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=4)
        await send(world, box, 1, 4)
        old, whole = await send(world, box, 1, 2), await send(world, box, 1, 4)
        kept = await journal(world)

    assert old.body == whole.body == {"seq": 4, "head": box.head(4).hex()}
    assert kept == written(box, 4)


async def test_of_an_overlap_only_what_is_new_is_taken(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=5)
        await send(world, box, 1, 3)
        answer = await send(world, box, 2, 5)
        kept = await journal(world)

    assert answer.body == {"seq": 5, "head": box.head(5).hex()}
    assert kept == written(box, 5)


async def test_behind_a_gap_nothing_is_taken_and_the_answer_says_where_to_go_on(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=5)
        first = await send(world, box, 3, 5)
        await send(world, box, 1, 2)
        second = await send(world, box, 4, 5)
        kept = await journal(world)

    assert (first.status, first.body) == (200, {"seq": 0, "head": box.head(0).hex()})
    assert (second.status, second.body) == (200, {"seq": 2, "head": box.head(2).hex()})
    assert kept == written(box, 2)


@pytest.mark.parametrize(("first_seq", "last_seq"), [(1, 3), (2, 3), (3, 3), (3, 4), (4, 4)])
async def test_a_journal_that_went_another_way_is_refused(tmp_path: Path, first_seq: int, last_seq: int) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=3)
        await send(world, box)
        before = list(box.entries)
        box.entries[1:] = []  # restored from an older copy, and sold something else since
        box.started("2.0", "2.1", "2.2")
        answer = await send(world, box, first_seq, last_seq)
        kept = await journal(world)

    assert (answer.status, answer.body["code"]) == (409, "broken-chain")
    assert kept == [(seq, entry.decode()) for seq, entry in enumerate(before, start=1)]


async def test_a_flipped_bit_is_refused_and_costs_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=2)
        damaged = box.batch().model_dump()
        damaged["entries"] = [damaged["entries"][0], damaged["entries"][1].replace("1.1", "1.3")]
        refused = await knock_as(world, box, "POST", "/api/journal", data=json.dumps(damaged))
        taken = await send(world, box)

    assert (refused.status, refused.body["code"]) == (409, "broken-chain")
    assert taken.body["seq"] == 2


@pytest.mark.parametrize("signature", ["", "AAAA", "no base64!", "A" * 86 + "=="])
async def test_a_batch_with_a_wrong_signature_is_refused(tmp_path: Path, signature: str) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=1)
        batch = {**box.batch().model_dump(), "signature": signature}
        answer = await knock_as(world, box, "POST", "/api/journal", data=json.dumps(batch))
        kept = await journal(world)

    assert (answer.status, answer.body["code"]) == (403, "bad-signature")
    assert kept == []


@pytest.mark.parametrize("changed", [{"head": "0" * 64}, {"first_seq": 2}])
async def test_the_signature_covers_where_a_batch_ends_and_its_hash(tmp_path: Path, changed: dict[str, Any]) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=1)
        batch = {**box.batch().model_dump(), **changed}
        answer = await knock_as(world, box, "POST", "/api/journal", data=json.dumps(batch))

    assert (answer.status, answer.body["code"]) == (403, "bad-signature")


async def test_nobody_delivers_another_nodes_batch(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box, other = await a_box(world, entries=1), await a_box(world, name="other")
        answer = await knock_as(world, other, "POST", "/api/journal", data=box.batch().model_dump_json())
        kept = await journal(world)

    assert (answer.status, answer.body["code"]) == (403, "bad-signature")
    assert kept == []


@pytest.mark.parametrize(
    ("clock_ahead_s", "is_taken"),
    [(-360, True), (-362, False), (0, True), (60, True), (62, False), (-86_400, False), (86_400, False)],
)
async def test_a_token_is_good_for_five_minutes_and_a_minutes_skew(
    tmp_path: Path, clock_ahead_s: int, is_taken: bool
) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world)
        issued = token.issue(box.key, box.id, world.clock.now() + timedelta(seconds=clock_ahead_s))
        answer = await world.knock("GET", "/api/feed", key=issued)

    assert answer.status == (200 if is_taken else 401)


async def test_a_token_is_the_nodes_own(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box, other = await a_box(world), await a_box(world, name="other")
        now = world.clock.now()
        forged = {
            "another node's key": token.issue(other.key, box.id, now),
            "a stranger's key": token.issue(Ed25519PrivateKey.generate(), box.id, now),
            "cut short": box.token()[:-4],
            "no token": "abc",
            "empty parts": "..",
            "too long": "x" * 3_000,
        }
        answers = {what: await world.knock("GET", "/api/feed", key=key) for what, key in forged.items()}
        unknown = await world.knock("GET", "/api/feed", key=token.issue(box.key, "nobody", now))

    assert {what: answer.status for what, answer in answers.items()} == dict.fromkeys(forged, 401)
    assert {answer.body["code"] for answer in answers.values()} == {"bad-token"}
    assert (unknown.status, unknown.body["code"]) == (401, "bad-token")


async def test_a_contact_tells_how_far_the_journal_is_held_and_what_is_unsent(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=3)
        none = await knock_as(world, box, "POST", "/api/contacts", json={"unsent": 3})
        await send(world, box, 1, 2)
        world.clock.pass_by(minutes=1)
        some = await knock_as(world, box, "POST", "/api/contacts", json={"unsent": 1})
        told = await world.rows("select unsent, last_contact_at from nodes")

    assert none.body == {"seq": 0, "head": box.head(0).hex()}
    assert some.body == {"seq": 2, "head": box.head(2).hex()}
    assert told == [(1, "2026-03-02 09:01:00.000000")]


async def test_a_delivery_counts_down_what_is_unsent(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world, entries=3)
        oldest = world.clock.now()
        for last_seq, unsent in ((2, 3), (3, 1)):
            backlog = Backlog(unsent=unsent, oldest_unsent_at=oldest)
            batch = box.batch(last_seq - 1 if last_seq == 2 else 3, last_seq, backlog)
            await knock_as(world, box, "POST", "/api/journal", data=batch.model_dump_json())
            told = await world.rows("select unsent, oldest_unsent_at is null from nodes")
            assert told == [(unsent - len(batch.entries), int(last_seq == 3))]


async def test_a_batch_that_unpacks_to_more_than_it_may_is_refused(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        box = await a_box(world)
        bomb = gzip.compress(b" " * 50_000_000)
        headers = {"Authorization": f"Bearer {box.token()}", "Content-Encoding": "gzip"}
        headers["Content-Type"] = "application/json"
        async with world.http.post(f"{world.url}/api/journal", data=bomb, headers=headers) as answer:
            status = answer.status

    assert status == 413
