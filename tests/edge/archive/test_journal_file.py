"""An exported journal is verified by anyone, to the last byte; damaged ones say where."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from edge import app
from edge.archive import command, export
from edge.archive.command import ExportFailed, FileTaken
from edge.shop import Shop
from shared.protocol import journal_file
from shared.protocol.journal_file import DamagedFile
from tests.edge.small_shop import STAFF, Till, open_small_shop, open_till, settings
from tests.edge.sync.head_office import Answer, playing, says


@pytest.fixture
async def exported(tmp_path: Path) -> list[bytes]:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        for _ in range(3):
            await till.sell("milk")
        return await lines_of(till)


async def lines_of(till: Till) -> list[bytes]:
    async with till.http.get(f"{till.url}/api/journal/export", headers=STAFF) as answer:
        assert answer.status == 200
        return (await answer.read()).splitlines(keepends=True)


async def test_an_export_is_whole_and_says_what_is_in_it(exported: list[bytes]) -> None:
    verified = journal_file.verify(exported)

    assert verified.last_seq == 4
    assert verified.names == {"node.started": 1, "order.completed": 3}


@pytest.mark.parametrize("number", [1, 2, 4, 5])
async def test_a_changed_byte_is_found(exported: list[bytes], number: int) -> None:
    line = exported[number]
    at = len(line) // 2
    exported[number] = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]

    with pytest.raises(DamagedFile):
        journal_file.verify(exported)


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[:2] + lines[3:],
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: lines[:2] + lines[1:],
        lambda lines: lines[1:],
        lambda lines: [],
        lambda lines: [*lines, b"\n"],
        lambda lines: [lines[0], lines[-1]],
    ],
    ids=["cut off", "entry gone", "out of order", "twice", "no beginning", "empty", "something behind", "no entries"],
)
async def test_what_is_missing_or_moved_is_found(exported: list[bytes], damage: "object") -> None:
    with pytest.raises(DamagedFile):
        journal_file.verify(damage(exported))  # type: ignore[operator]


async def test_who_signs_for_another_is_found(exported: list[bytes]) -> None:
    ending = json.loads(exported[-1])
    ending["signature"] = "A" * 86 + "=="

    with pytest.raises(DamagedFile, match="signature"):
        journal_file.verify([*exported[:-1], json.dumps(ending).encode()])


async def test_a_journal_that_begins_with_another_nodes_is_found(exported: list[bytes]) -> None:
    opening = json.loads(exported[0])
    opening["after_hash"] = "0" * 64

    with pytest.raises(DamagedFile, match="another node"):
        journal_file.verify([json.dumps(opening).encode(), *exported[1:]])


async def test_the_command_reads_a_box_that_is_stopped(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        await till.sell("milk")
    said: list[str] = []
    file = tmp_path / "journal.jsonl"

    await command.export(settings(), tmp_path, file, app.open_database, said.append)
    command.verify_file(file, said.append)
    await command.verify_box(settings(), tmp_path, app.open_database, said.append)

    assert said.count("         1 order.completed") == 3
    with pytest.raises(FileTaken):
        await command.export(settings(), tmp_path, file, app.open_database, said.append)


async def test_the_command_asks_a_daemon_that_runs(tmp_path: Path) -> None:
    def tell(shop: Shop, url: str) -> list[str]:
        said: list[str] = []
        config = settings(http={"port": int(url.rpartition(":")[2])})
        asyncio.run(command.verify_box(config, shop.db.path.parent, app.open_database, said.append))
        return said

    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        await till.sell("milk")
        said = await asyncio.to_thread(tell, shop, till.url)

    assert said[0].startswith("Whole: entries 1 to 2 of node")


async def test_a_daemon_that_refuses_says_why(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        config = settings(http={"port": int(till.url.rpartition(":")[2])}, attendant_key="another key than that")
        verifying = command.verify_box(config, tmp_path, app.open_database, print)

        with pytest.raises(ExportFailed, match="Only staff"):
            await asyncio.to_thread(asyncio.run, verifying)


@pytest.mark.parametrize(
    "answer",
    [
        says("<html>no such page</html>", 502, "text/html"),
        says('{"code": "x"}', 500),
        says("{}", 404),
    ],
)
async def test_whatever_answers_in_the_daemons_place_is_told_and_leaves_no_file(tmp_path: Path, answer: Answer) -> None:
    file = tmp_path / "journal.jsonl"
    async with open_small_shop(tmp_path / "shop"), playing(answer) as stage:
        config = settings(http={"port": int(stage.url.rpartition(":")[2])})
        exporting = command.export(config, tmp_path / "shop", file, app.open_database, print)
        with pytest.raises(ExportFailed, match="it was answered"):
            await asyncio.to_thread(asyncio.run, exporting)

    assert not file.exists()


async def breaks_off(request: web.Request) -> web.StreamResponse:
    """Begin an answer and close the line."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"half a line")
    assert request.transport is not None
    request.transport.abort()
    return response


async def test_an_answer_that_breaks_off_is_told_and_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    async with open_small_shop(tmp_path / "shop"), playing(breaks_off) as stage:
        config = settings(http={"port": int(stage.url.rpartition(":")[2])})
        exporting = command.export(config, tmp_path / "shop", file, app.open_database, print)
        with pytest.raises(ExportFailed):
            await asyncio.to_thread(asyncio.run, exporting)

    assert not file.exists()


async def test_a_proxy_does_not_hear_the_staffs_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    async with (
        open_small_shop(tmp_path) as shop,
        open_till(shop) as till,
        playing(says("{}")) as proxy,
    ):
        monkeypatch.setenv("http_proxy", proxy.url)
        config = settings(http={"port": int(till.url.rpartition(":")[2])})
        verifying = command.verify_box(config, tmp_path, app.open_database, said.append)
        await asyncio.to_thread(asyncio.run, verifying)

    assert proxy.asked == []
    assert said[0].startswith("Whole: ")


async def test_what_is_forgotten_while_it_is_read_is_not_told_as_damage(tmp_path: Path) -> None:
    async with open_small_shop(tmp_path) as shop, open_till(shop) as till:
        await till.sell("milk")
        pieces = export.exported(shop.db, shop.identity)
        await anext(pieces)
        await shop.db.transact(lambda tx: tx.execute("update forgotten set seq = 1, hash = x'00'"))
        await shop.db.transact(lambda tx: tx.execute("delete from journal where seq = 1"))
        with pytest.raises(export.Overtaken):
            await anext(pieces)
