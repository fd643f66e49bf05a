"""Head office in this process, on a loopback port, with a real database and a clock that the test sets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from sqlalchemy import text

from cloud import app
from cloud.config import Config
from cloud.database import Transaction
from cloud.head_office import HeadOffice
from tests.cloud.boxes import Box
from tests.world import until

OPENING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STORE = {"code": "S1", "name": "Corner shop", "country": "GB", "currency": "GBP", "timezone": "Europe/London"}
CSV = {"Content-Type": "text/csv"}


@dataclass(slots=True)
class MovableClock:
    """A clock that stands still until the test moves it."""

    moment: datetime = OPENING

    def now(self) -> datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return (self.moment - OPENING).total_seconds()

    def pass_by(self, **time: float) -> None:
        self.moment += timedelta(**time)


class Answer(NamedTuple):
    """What came back through a door; the body is read as JSON where it is JSON."""

    status: int
    body: Any
    headers: Any


@dataclass(slots=True)
class World:
    """A running head office and a line to it."""

    head_office: HeadOffice
    url: str
    http: aiohttp.ClientSession
    clock: MovableClock

    async def knock(self, method: str, path: str, *, key: str | None = None, **request: Any) -> Answer:
        """Send a request; `key` is the bearer's. The rest is as aiohttp takes it."""
        bearer = {} if key is None else {"Authorization": f"Bearer {key}"}
        headers = {**bearer, **request.pop("headers", {})}
        async with self.http.request(method, self.url + path, headers=headers, **request) as response:
            content = await response.read()
            is_json = response.content_type.endswith("json")
            return Answer(
                response.status, await response.json(content_type=None) if is_json else content, response.headers
            )

    async def tenant(self, name: str = "Corner shops") -> "Tenant":
        """Let a business join."""
        answer = await self.knock("POST", "/api/tenants", key=self.head_office.operator_key, json={"name": name})
        assert answer.status == 201, answer.body
        return Tenant(self, answer.body["tenant"]["id"], answer.body["key"])

    async def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Look into the database."""

        def look(tx: Transaction) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in tx.execute(text(sql), values)]

        return await self.head_office.db.read(look)

    async def change(self, *statements: str) -> None:
        """Change the database behind the service's back, in one transaction."""

        def apply(tx: Transaction) -> None:
            for statement in statements:
                tx.execute(text(statement))

        await self.head_office.db.write(apply)

    async def projected(self) -> None:
        """Wait until everything that was taken is interpreted."""

        async def done() -> bool:
            return not await self.rows("select 1 from journal_heads where projected_seq < seq")

        await until(done)

    async def checked(self) -> None:
        """Wait until everything is interpreted, every closing is checked and every open day is summed up."""
        await self.projected()

        async def done() -> bool:
            due = "select 1 from closings where state = 'due'"
            behind = (
                "select 1 from journal_heads h where not exists (select 1 from open_days o where o.node_id = h.node_id"
            )
            level = " and o.last_seq = h.projected_seq and o.revision = o.summed_revision)"
            return not await self.rows(due) and not await self.rows(behind + level)

        await until(done)

    async def repaired(self, waiting: int) -> None:
        """Wait until only so many entries are set aside."""

        async def done() -> bool:
            return await self.rows("select count(*) from quarantine where state = 'waiting'") == [(waiting,)]

        await until(done)


@dataclass(slots=True)
class Tenant:
    """A business that joined, with its head-office key."""

    world: World
    id: str
    key: str
    boxes: list[Box] = field(default_factory=list)

    async def knock(self, method: str, path: str, **request: Any) -> Answer:
        return await self.world.knock(method, path, key=self.key, **request)

    async def see(self, path: str) -> Any:
        """Read what must be there."""
        answer = await self.knock("GET", path)
        assert answer.status == 200, answer.body
        return answer.body

    async def totals(self) -> dict[str, int]:
        """Read what orders and refunds come to; zeros before the first."""
        answer = await self.see("/api/totals")
        none = {"orders": 0, "total_minor": 0, "refunds": 0, "refunded_minor": 0}
        assert len(answer["currencies"]) <= 1
        money = answer["currencies"][0] if answer["currencies"] else {"currency": "GBP", **none}
        return {**{name: money[name] for name in none}, "quarantined": answer["quarantined"]}

    async def open_store(self, **settings: Any) -> dict[str, Any]:
        answer = await self.knock("POST", "/api/stores", json={**STORE, **settings})
        assert answer.status == 201, answer.body
        return answer.body

    async def prepare(self, store_id: str, name: str = "kiosk", series: str = "S1K1") -> dict[str, Any]:
        """Prepare a node; returns it with its one-time code."""
        path = f"/api/stores/{store_id}/nodes"
        answer = await self.knock("POST", path, json={"name": name, "series": series})
        assert answer.status == 201, answer.body
        return answer.body

    async def enrol(self, store_id: str, name: str = "kiosk", series: str = "S1K1") -> Box:
        """Prepare a node and enrol a fresh box as it."""
        prepared = await self.prepare(store_id, name, series)
        box = Box(self.world.clock)
        body = {"code": prepared["enrolment_code"], "public_key": box.public_key}
        answer = await self.world.knock("POST", "/api/enrolments", json=body)
        assert answer.status == 200, answer.body
        box.become(answer.body)
        return box

    async def import_csv(self, content: str | bytes, currency: str = "GBP", **query: str) -> Answer:
        body = content.encode() if isinstance(content, str) else content
        params = {"currency": currency, **query}
        return await self.knock("POST", "/api/catalogue/imports", data=body, params=params, headers=CSV)


async def send(world: World, box: Box, first_seq: int = 1, last_seq: int | None = None) -> Answer:
    """Deliver some of a box's entries, all by default."""
    return await knock_as(world, box, "POST", "/api/journal", data=box.batch(first_seq, last_seq).model_dump_json())


async def knock_as(world: World, box: Box, method: str, path: str, **request: Any) -> Answer:
    """Send a request with the box's own token."""
    headers = {"Content-Type": "application/json", **request.pop("headers", {})}
    return await world.knock(method, path, key=box.token(), headers=headers, **request)


def config(**settings: Any) -> Config:
    return Config.model_validate({"http": {"port": 0}, **settings})


@asynccontextmanager
async def open_world(folder: Path, clock: MovableClock | None = None, **settings: Any) -> AsyncIterator[World]:
    """Run head office on the data in `folder`."""
    clock = clock or MovableClock()
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        app.open_for_business(config(**settings), folder, clock) as (head_office, url),
    ):
        yield World(head_office, url, http, clock)
