"""Three kinds of trouble with head office, told apart: never reached, no proper answer, and a no."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime

import httpx2
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel

from edge.demo.daemons import free_port
from edge.sync.client import HeadOfficeAway, HeadOfficeClient, HeadOfficeRefused, HeadOfficeSilent
from shared.errors import ShopwrightError
from shared.protocol import token
from shared.protocol.batch import Acknowledged, Backlog
from tests.edge.small_shop import NODE_ID, HandClock
from tests.edge.sync.head_office import Answer, playing, says, stranger

GOOD = Acknowledged(seq=3, head="ab" * 32)
NO = json.dumps({"title": "Your chain is broken.", "hint": "Enrol again.", "code": "broken-chain"})
SHORT = httpx2.Timeout(0.3)


async def ask(client: HeadOfficeClient) -> Acknowledged:
    return await client.send("/api/contacts", Backlog(unsent=0), Acknowledged)


async def streamed(client: HeadOfficeClient) -> bytes:
    async with client.stream("/api/feed/snapshot", {}) as response:
        return await response.aread()


async def falls_silent(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(2)
    return web.Response()


async def promises_more_than_it_sends(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "5000"})
    await response.prepare(request)
    await response.write(GOOD.model_dump_json().encode())
    assert request.transport is not None
    request.transport.close()
    return response


async def stops_in_the_middle(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'{"seq": ')
    await asyncio.sleep(2)
    return response


async def redirects(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/login")


@pytest.mark.parametrize(
    "answer",
    [
        says("", 500),
        says("", 503),
        says(NO, 500),  # a broken server decides nothing
        says("{}"),
        says(""),
        says("null"),
        says('{"seq": 3, "head": "ab"}'),
        says('{"seq": -1, "head": "' + "ab" * 32 + '"}'),
        says(GOOD.model_dump_json()[:-1]),
        says(b"\x00\xff\xfe garbage"),
        says("[" * 100_000),
        says("<html>Please accept the terms of this Wi-Fi</html>", 200, "text/html"),
        says("<html>Not Found</html>", 404, "text/html"),
        says('"denied"', 403),
        says('{"title": "no code"}', 409),
        says(b"not gzip at all", Content_Encoding="gzip"),
        redirects,
        falls_silent,
        stops_in_the_middle,
        promises_more_than_it_sends,
    ],
)
async def test_whatever_is_no_proper_answer_counts_as_silence(answer: Answer) -> None:
    async with playing(answer) as stage, stranger(stage.url) as client:
        client._http.timeout = SHORT
        with pytest.raises(HeadOfficeSilent) as silent:
            await ask(client)

    assert "Selling goes on" in silent.value.hint
    assert len(stage.asked) == 1  # asking again is for those who know what a repeat means


async def test_what_speaks_another_language_counts_as_silence() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await reader.read(100)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, stranger(f"http://127.0.0.1:{port}") as client:
        with pytest.raises(HeadOfficeSilent):
            await ask(client)


async def test_nobody_at_the_address_is_away() -> None:
    async with stranger(f"http://127.0.0.1:{free_port(0)}") as client:
        with pytest.raises(HeadOfficeAway) as away:
            await ask(client)

    assert "network" in away.value.hint


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
async def test_a_no_with_its_reason_is_a_refusal(status: int) -> None:
    async with playing(says(NO, status, "application/problem+json")) as stage, stranger(stage.url) as client:
        with pytest.raises(HeadOfficeRefused) as refused:
            await ask(client)

    assert refused.value.title == "Head office says: Your chain is broken. Enrol again."
    assert refused.value.facts["code"] == "broken-chain"


async def test_each_kind_of_question_fails_in_the_same_ways() -> None:
    questions: list[Callable[[HeadOfficeClient], Awaitable[object]]] = [
        ask,
        lambda client: client.get("/api/feed", Acknowledged, cursor=3),
        streamed,
    ]
    errors: list[type[ShopwrightError]] = []
    for question in questions:
        async with playing(says("", 500), says(NO, 409)) as stage, stranger(stage.url) as client:
            for _ in range(2):
                with pytest.raises(ShopwrightError) as failed:
                    await question(client)
                errors.append(failed.type)

    assert errors == [HeadOfficeSilent, HeadOfficeRefused] * 3


async def test_a_good_answer_is_read_and_a_question_carries_its_words() -> None:
    async with playing(says(GOOD.model_dump_json())) as stage, stranger(stage.url) as client:
        sent = await ask(client)
        got = await client.get("/api/feed", Acknowledged, cursor=7)

    assert sent == got == GOOD
    assert [request.path_qs for request in stage.asked] == ["/api/contacts", "/api/feed?cursor=7"]
    assert stage.tokens == ["", ""]  # not enrolled: no name to give


KEY = Ed25519PrivateKey.generate()


@asynccontextmanager
async def node(url: str, clock: HandClock) -> AsyncIterator[HeadOfficeClient]:
    async with HeadOfficeClient(url, clock, NODE_ID, KEY) as client:
        yield client


def strict_about(clock: HandClock) -> Answer:
    """Answer like head office, whose own clock is right: tokens must fit it."""

    async def give(request: web.Request) -> web.StreamResponse:
        headers = {"Date": format_datetime(clock.now(), usegmt=True)}
        try:
            bearer = request.headers["Authorization"].removeprefix("Bearer ")
            token.verify(bearer, KEY.public_key().public_bytes_raw(), clock.now())
        except token.BadToken as bad:
            problem = {"title": bad.title, "hint": bad.hint, "code": bad.code}
            return web.json_response(problem, status=401, headers=headers)
        return web.Response(text=GOOD.model_dump_json(), content_type="application/json", headers=headers)

    return give


@pytest.mark.parametrize("wrong", [timedelta(days=-3650), timedelta(hours=-2), timedelta(hours=2), timedelta(days=400)])
async def test_a_box_with_a_wrong_clock_learns_the_time_and_is_let_in(wrong: timedelta) -> None:
    right, ours = HandClock(), HandClock(HandClock().at + wrong)
    async with playing(strict_about(right)) as stage, node(stage.url, ours) as client:
        answers = [await ask(client) for _ in range(3)]

    assert answers == [GOOD] * 3
    assert len(stage.asked) == 4  # one refusal, and never again
    assert len(set(stage.tokens)) == 2


async def test_a_token_is_used_again_until_it_is_due_for_renewal() -> None:
    clock = HandClock()
    async with playing(strict_about(clock)) as stage, node(stage.url, clock) as client:
        for wait_s in (0, 60, 59, 2, 10_000):
            clock.passed_s += wait_s
            assert await ask(client) == GOOD

    assert [stage.tokens.index(one) for one in stage.tokens] == [0, 0, 0, 3, 4]


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Foo 2026 12:00:00 GMT"])
async def test_a_refusal_without_a_time_in_it_is_a_refusal(date: str) -> None:
    async with playing(says(NO, 401, Date=date)) as stage, node(stage.url, HandClock()) as client:
        with pytest.raises(HeadOfficeRefused):
            await ask(client)

    assert len(stage.asked) == 1


@pytest.mark.parametrize(("words", "is_packed"), [(0, False), (5_000, True)])
async def test_what_is_large_travels_packed_and_arrives_whole(words: int, *, is_packed: bool) -> None:
    class Letter(BaseModel):
        text: str

    letter = Letter(text="milk " * words)
    bodies = []

    async def reads(request: web.Request) -> web.Response:
        bodies.append((request.headers.get("Content-Encoding") == "gzip", await request.json()))
        return web.Response(text=GOOD.model_dump_json(), content_type="application/json")

    async with playing(reads) as stage, stranger(stage.url) as client:
        await client.send("/api/journal", letter, Acknowledged)

    assert bodies == [(is_packed, letter.model_dump())]


async def test_a_header_in_no_known_alphabet_changes_nothing() -> None:
    async with playing(says(GOOD.model_dump_json(), Via="caf\xe9")) as stage, stranger(stage.url) as client:
        assert await ask(client) == GOOD


@pytest.mark.parametrize(("took_s", "tells"), [(0.0, True), (30.0, False)])
async def test_an_answer_that_was_long_under_way_tells_no_time(took_s: float, *, tells: bool) -> None:
    clock = HandClock()

    async def answers(request: web.Request) -> web.Response:
        clock.passed_s += took_s
        return web.Response(text=GOOD.model_dump_json(), content_type="application/json")

    async with playing(answers) as stage, stranger(stage.url, clock) as client:
        await ask(client)

    assert (client.told is not None) == tells


ABSURD = ("Mon, 01 Jan 1601 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 +2359", "soon")


@pytest.mark.parametrize("date", ABSURD)
async def test_a_date_that_no_clock_shows_tells_no_time(date: str) -> None:
    async with playing(says(GOOD.model_dump_json(), Date=date)) as stage, stranger(stage.url) as client:
        answer = await ask(client)

    assert answer == GOOD
    assert client.told is None


async def test_what_time_it_is_there_goes_on_while_we_wait_for_the_disk() -> None:
    clock = HandClock()
    async with playing(says(GOOD.model_dump_json())) as stage, stranger(stage.url, clock) as client:
        await ask(client)
        assert client.told is not None
        before = client.told.now(clock)
        clock.passed_s += 5.0

        assert client.told.now(clock) == before + timedelta(seconds=5)
