"""A snapshot is made once, packed, signed, and sent as a whole or from where a line was cut."""

import asyncio
import hashlib
import time
from pathlib import Path
from typing import Any

import pytest
import zstandard

from cloud.sync import shipping
from cloud.sync.snapshot import Building
from shared.protocol import snapshot as protocol
from shared.protocol.feed import SNAPSHOT_BEYOND_ROWS
from shared.protocol.snapshot import BadManifest
from tests.cloud.boxes import Box
from tests.cloud.sync.test_feed import a_box, csv, many
from tests.cloud.world import Answer, World, knock_as, open_world
from tests.world import until

PACKED = {"Accept-Encoding": "zstd"}


async def snapshot(world: World, box: Box, **headers: str) -> Answer:
    async with world.http.get(
        f"{world.url}/api/feed/snapshot",
        headers={"Authorization": f"Bearer {box.token()}", **PACKED, **headers},
        auto_decompress=False,
    ) as response:
        return Answer(response.status, await response.read(), response.headers)


async def key_of(world: World, box: Box) -> str:
    answer = await knock_as(world, box, "GET", "/api/feed?wait_s=0")
    key: str = answer.body["signing_key"]
    return key


def unpacked(content: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(content)


async def test_it_comes_packed_with_a_manifest_that_head_office_signed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(100))
        world.clock.pass_by(minutes=5)
        answer = await snapshot(world, box)
        key = await key_of(world, box)

    found = protocol.read(answer.headers[protocol.HEADER], key, box.tenant_id, box.store_id)
    whole = unpacked(answer.body)
    assert answer.headers["Content-Encoding"] == "zstd"
    assert (found.version, found.at) == (202, world.clock.now())
    assert (found.size, found.sha256) == (len(answer.body), hashlib.sha256(answer.body).hexdigest())
    assert (found.file_size, found.file_sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert answer.headers["ETag"] == f'"{found.sha256}"'


async def test_a_signature_of_another_head_office_or_for_another_store_is_none(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        header = (await snapshot(world, box)).headers[protocol.HEADER]
        key = await key_of(world, box)
    text, signature = header.split(".")
    other = protocol.public_half(protocol.new_key())

    for wrong, public_key, store in [
        (header, other, box.store_id),
        (header, key, box.tenant_id),
        (f"{text}.{signature[:-4]}AAA=", key, box.store_id),
        (f"{text[:-4]}.{signature}", key, box.store_id),
        ("", key, box.store_id),
        ("a.b.c", key, box.store_id),
        ("é.é", key, box.store_id),
        (f"{text}.", key, box.store_id),
    ]:
        with pytest.raises(BadManifest):
            protocol.read(wrong, public_key, box.tenant_id, store)


async def test_who_knows_no_zstd_gets_the_plain_file(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(2_000))
        plain = await knock_as(world, box, "GET", "/api/feed/snapshot")
        packed = await snapshot(world, box)

    assert "Content-Encoding" not in plain.headers
    assert plain.body == unpacked(packed.body)


async def test_the_rest_of_a_cut_download_is_sent_and_nothing_else(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(3_000))
        whole = await snapshot(world, box)
        etag, size = whole.headers["ETag"], len(whole.body)
        rest = await snapshot(world, box, Range="bytes=1000-", **{"If-Range": etag})
        middle = await snapshot(world, box, Range="bytes=1000-1009", **{"If-Range": etag})
        beyond = await snapshot(world, box, Range=f"bytes={size}-", **{"If-Range": etag})
        known = await snapshot(world, box, **{"If-None-Match": etag})
        others = [
            await snapshot(world, box, Range=asked, **{"If-Range": tag})
            for asked, tag in [
                ("bytes=1000-", '"other"'),
                ("bytes=-5", etag),
                ("lines=1-2", etag),
                ("bytes=1-2,4-5", etag),
            ]
        ]

    assert (rest.status, rest.body) == (206, whole.body[1000:])
    assert rest.headers["Content-Range"] == f"bytes 1000-{size - 1}/{size}"
    assert (middle.status, middle.body) == (206, whole.body[1000:1010])
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    assert (known.status, known.body) == (304, b"")
    assert [(answer.status, answer.body) for answer in others] == [(200, whole.body)] * 4
    assert all(answer.headers[protocol.HEADER] == whole.headers[protocol.HEADER] for answer in (rest, beyond, *others))


async def test_a_slow_download_is_finished_though_the_feed_moves_on(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(500))
        begun = await snapshot(world, box)
        resume = {"Range": "bytes=1000-", "If-Range": begun.headers["ETag"]}
        await tenant.import_csv(csv("tea,Tea,,1.00,standard"))
        another = await snapshot(world, box)  # somebody else of the store takes the newer one
        rest = await snapshot(world, box, **resume)
        await tenant.import_csv(many(SNAPSHOT_BEYOND_ROWS))
        too_late = await snapshot(world, box, **resume)

    assert another.headers["ETag"] != begun.headers["ETag"]
    assert (rest.status, rest.body) == (206, begun.body[1000:])
    assert too_late.status == 200  # with the rest of the old one it would be far behind at once


async def test_it_is_made_once_for_all_who_ask_and_not_for_what_other_stores_get(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(2_000))
        answers = await asyncio.gather(*(snapshot(world, box) for _ in range(5)))
        made = sorted(path.name for path in (tmp_path / shipping.FOLDER).iterdir())
        await tenant.open_store(code="S2", name="Other shop")  # a row for that store alone
        later = await snapshot(world, box)
        made_then = sorted(path.name for path in (tmp_path / shipping.FOLDER).iterdir())

    assert len({answer.headers["ETag"] for answer in [*answers, later]}) == 1
    assert made == made_then == [f"{box.store_id}-4002.db.zst"]


@pytest.mark.parametrize("headers", [PACKED, {}])
async def test_head_is_told_all_but_the_file(tmp_path: Path, headers: dict[str, str]) -> None:
    async with open_world(tmp_path) as world:
        _, box = await a_box(world)
        told = {"Authorization": f"Bearer {box.token()}", "Host": "office", **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        host, port = world.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"HEAD /api/feed/snapshot HTTP/1.1\r\n{lines}\r\n".encode())
        first = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        writer.write(f"GET /healthz HTTP/1.1\r\nConnection: close\r\n{lines}\r\n".encode())
        second = await asyncio.wait_for(reader.read(), 10)
        writer.close()

    assert b"Content-Length: " in first
    assert b"Repr-Digest: " in first
    assert first.startswith(b"HTTP/1.1 200")
    assert second.startswith(b"HTTP/1.1 200")


async def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    tags = []
    for _ in range(2):
        async with open_world(tmp_path) as world:
            if not tags:
                tenant, box = await a_box(world)
                await tenant.import_csv(many(300))
            world.clock.pass_by(hours=1)
            box.clock = world.clock
            tags.append((await snapshot(world, box)).headers["ETag"])

    assert tags[0] == tags[1]  # so a download goes on after head office was restarted, or at another of its services


async def test_old_files_are_thrown_away(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        for number in range(4):
            await tenant.import_csv(csv(f"tea,Tea,,{number}.00,standard"))
            await snapshot(world, box)
        kept = sorted(path.name for path in (tmp_path / shipping.FOLDER).iterdir())

    assert kept == [f"{box.store_id}-{version}.db.zst" for version in (6, 7)]


async def test_a_catalogue_that_takes_long_makes_nobody_wait_and_nothing_stand_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Building.run

    def slow(building: Building, *args: Any) -> Any:
        time.sleep(1.0)
        return run(building, *args)

    monkeypatch.setattr(Building, "run", slow)
    monkeypatch.setattr(shipping, "WAIT_S", 0.1)
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        first = await snapshot(world, box)
        meanwhile = await tenant.import_csv(csv("tea,Tea,,1.00,standard"))

        async def is_there() -> bool:
            return (await snapshot(world, box)).status == 200

        await until(is_there)

    assert (first.status, b"snapshot-being-made" in first.body) == (503, True)
    assert meanwhile.status == 200


async def test_a_service_that_is_told_to_stop_does_not_wait_for_a_catalogue(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(20_000))
        asked = asyncio.create_task(snapshot(world, box))
        await asyncio.sleep(0.05)
        begin_s = time.monotonic()
    stopped_s = time.monotonic() - begin_s
    await asyncio.gather(asked, return_exceptions=True)

    assert stopped_s < 5


async def test_a_disk_that_takes_no_catalogue_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(10))
        (tmp_path / shipping.FOLDER).write_text("in the way")
        refused = await snapshot(world, box)
        (tmp_path / shipping.FOLDER).unlink()
        again = await snapshot(world, box)

    assert (refused.status, again.status) == (503, 200)


@pytest.mark.parametrize("bound", ["SNAPSHOT_BYTES_MAX", "FILE_BYTES_MAX"])
async def test_a_catalogue_that_boxes_would_not_take_is_told_and_made_again_only_after_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    made, run = [], Building.run

    def counted(building: Building, *args: Any) -> Any:
        made.append(building.store_id)
        return run(building, *args)

    monkeypatch.setattr(Building, "run", counted)
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(300))
        with monkeypatch.context() as patch:
            patch.setattr(protocol, bound, 1_000)
            refused = [await snapshot(world, box) for _ in range(3)]
        times = len(made)
        await tenant.import_csv(csv("tea,Tea,,1.00,standard"))
        again = await snapshot(world, box)
        left = [path.suffix for path in (tmp_path / shipping.FOLDER).iterdir()]

    assert {answer.status for answer in refused} == {503}
    assert all(b"snapshot-too-large" in answer.body for answer in refused)
    assert (times, again.status, left) == (1, 200, [".zst"])


async def test_a_row_that_boxes_cannot_read_is_told(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, box = await a_box(world)
        await tenant.import_csv(many(10))
        await world.change("update feed_rows set version = -1 where kind = 'setting'")
        answer = await snapshot(world, box)

    assert (answer.status, b"snapshot-not-made" in answer.body) == (503, True)


async def test_the_key_is_made_once_and_given_at_enrolment(tmp_path: Path) -> None:
    keys = []
    for number in range(2):
        async with open_world(tmp_path) as world:
            tenant = await world.tenant(f"Shops {number}")
            store = await tenant.open_store()
            box = Box(world.clock)
            node = await tenant.prepare(store["id"])
            asked = {"code": node["enrolment_code"], "public_key": box.public_key}
            enrolled = await world.knock("POST", "/api/enrolments", json=asked)
            box.become(enrolled.body)
            keys += [enrolled.body["signing_key"], await key_of(world, box)]
            (private,) = (await world.rows("select hex(key) from signing_key"))[0]

    assert len(set(keys)) == 1
    assert keys[0] == protocol.public_half(bytes.fromhex(private))
