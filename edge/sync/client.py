"""A connection to head office: signed, bounded in time, and with errors of three kinds.

Never reached head office (`HeadOfficeAway`), reached it perhaps (`HeadOfficeSilent`), or it said no
(`HeadOfficeRefused`). Whatever is no proper answer counts as silence: a broken proxy must not look like a decision.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Self, TypeVar

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ValidationError

from shared.clock import Clock
from shared.errors import ShopwrightError, Unavailable
from shared.model.strict import in_our_time
from shared.protocol import token

CONNECT_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 10.0  # between two pieces of an answer
WHOLE_ANSWER_TIMEOUT_S = 120.0  # a page of the feed on a slow line
PROMPT_S = 1.0  # the time in an answer that was longer under way, or held back, is of the past
TOKEN_RENEWED_S = 120.0  # well before it ends
COMPRESSED_FROM_BYTES = 1_000  # less fits one packet anyway
COMPRESSION = 1  # of 9: a batch of orders shrinks to an eighth in a millisecond, and little more with more effort
ANSWER_BYTES_MAX = 50_000_000  # a page of the feed with a promotion of 10,000 products; files are streamed

Query = Mapping[str, float | str]
Answer = TypeVar("Answer", bound=BaseModel)


class HeadOfficeAway(Unavailable):
    """Head office cannot be reached."""

    hint = "Selling goes on. Check the network of the box if it lasts."


class HeadOfficeSilent(Unavailable):
    """Head office did not answer properly."""

    hint = "Selling goes on; the box asks again by itself."


class HeadOfficeRefused(ShopwrightError):
    """Head office says: {problem}"""

    hint = "Follow what head office says, or call support."


@dataclass(frozen=True, slots=True)
class Told:
    """What time it was at head office when an answer came."""

    at: datetime
    heard_s: float  # monotonic

    def now(self, clock: Clock) -> datetime:
        """Return what time it is there by now: whoever asks may have waited for the disk since."""
        return self.at + timedelta(seconds=clock.monotonic_s() - self.heard_s)


class HeadOfficeClient:
    """Requests of one node. Use as an async context manager."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        node_id: str | None,
        key: Ed25519PrivateKey | None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """node_id, key: what requests are signed with; None before enrolment. transport: by default the network."""
        self._clock = clock
        self._node_id = node_id
        self._key = key
        self._skew = timedelta(0)  # head office's clock less ours
        self.told: Told | None = None  # head office's time in its last answer; None where that took too long
        self._token: tuple[str, float] | None = None  # with the monotonic time at which it is renewed
        timeout = httpx2.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._http = httpx2.AsyncClient(base_url=url, timeout=timeout, trust_env=False, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def send(self, path: str, body: BaseModel, answer: type[Answer]) -> Answer:
        """Send a model, read a model. Raises HeadOfficeAway, HeadOfficeSilent, HeadOfficeRefused."""
        content = body.model_dump_json().encode()
        return _read(await self._call("POST", path, content), answer)

    async def get(self, path: str, answer: type[Answer], **query: float | str) -> Answer:
        """Ask for a model. `wait_s` is how long head office may hold its answer back. Raises as `send`."""
        return _read(await self._call("GET", path, None, **query), answer)

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[httpx2.Response]:
        """Ask for a file that is read piece by piece while the context is open, however long that takes.

        A refused range is an answer, too. Raises as `send`, also while it is read.
        """
        with _our_errors():
            response = await self._open("GET", path, None, {}, headers)
            if response.status_code == HTTPStatus.UNAUTHORIZED and self._learn_skew(response):
                await response.aclose()
                response = await self._open("GET", path, None, {}, headers)
            try:
                if response.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    if response.status_code >= HTTPStatus.BAD_REQUEST:
                        response = await self._bounded(response)
                    _demand_answer(response)
                yield response
            finally:
                await response.aclose()

    async def _call(self, method: str, path: str, content: bytes | None, **query: float | str) -> httpx2.Response:
        asked_s = self._clock.monotonic_s()
        response = await self._attempt(method, path, content, query)
        if response.status_code == HTTPStatus.UNAUTHORIZED and self._learn_skew(response):
            response = await self._attempt(method, path, content, query)
        _demand_answer(response)
        heard_s = self._clock.monotonic_s()
        at = _date(response) if heard_s - asked_s <= PROMPT_S else None
        self.told = Told(at, heard_s) if at is not None else None
        return response

    async def _attempt(self, method: str, path: str, content: bytes | None, query: Query) -> httpx2.Response:
        with _our_errors():
            async with asyncio.timeout(WHOLE_ANSWER_TIMEOUT_S):
                return await self._bounded(await self._open(method, path, content, query, {}))

    async def _open(
        self, method: str, path: str, content: bytes | None, query: Query, headers: Mapping[str, str]
    ) -> httpx2.Response:
        """Send a request and read the head of the answer."""
        headers = {**headers, **({"Content-Type": "application/json"} if content is not None else {})}
        if content is not None and len(content) >= COMPRESSED_FROM_BYTES:
            content = gzip.compress(content, COMPRESSION)
            headers["Content-Encoding"] = "gzip"
        if self._node_id and self._key:
            headers["Authorization"] = f"Bearer {self._fresh_token(self._node_id, self._key)}"
        wait_s = float(query.get("wait_s", 0))
        longer = httpx2.Timeout(ANSWER_TIMEOUT_S + wait_s, connect=CONNECT_TIMEOUT_S) if wait_s else None
        request = self._http.build_request(
            method,
            path,
            content=content,
            headers=headers,
            params=query or None,
            timeout=longer or httpx2.USE_CLIENT_DEFAULT,
        )
        return await self._http.send(request, stream=True)

    async def _bounded(self, response: httpx2.Response) -> httpx2.Response:
        """Read an answer whole, unless it is larger than anything that head office sends."""
        parts, size = [], 0
        try:
            async for part in response.aiter_bytes():
                parts.append(part)
                size += len(part)
                if size > ANSWER_BYTES_MAX:
                    raise HeadOfficeSilent(problem="its answer is too large")
        finally:
            await response.aclose()
        # As bytes: whatever stands in a header of a broken proxy, it must not end the daemon.
        headers = [(name, value) for name, value in response.headers.raw if name.lower() != b"content-encoding"]
        return httpx2.Response(response.status_code, headers=headers, content=b"".join(parts))

    def _fresh_token(self, node_id: str, key: Ed25519PrivateKey) -> str:
        if self._token is None or self._token[1] < self._clock.monotonic_s():
            made = token.issue(key, node_id, self._clock.now() + self._skew)
            self._token = (made, self._clock.monotonic_s() + TOKEN_RENEWED_S)
        return self._token[0]

    def _learn_skew(self, response: httpx2.Response) -> bool:
        """Take head office's time from its answer; tell whether ours was off far enough to explain a refusal."""
        told = _date(response)
        if told is None:
            return False
        skew = told - self._clock.now()
        if abs(skew - self._skew) <= timedelta(seconds=token.SKEW_S / 2):
            return False
        self._skew = skew
        self._token = None
        return True


def _date(response: httpx2.Response) -> datetime | None:
    """Return the moment in an answer's `Date` header, which tells whole seconds: the middle of that second."""
    with suppress(KeyError, ValueError, TypeError, OverflowError):
        told = parsedate_to_datetime(response.headers["Date"])
        return in_our_time(told.replace(tzinfo=told.tzinfo or UTC) + timedelta(milliseconds=500))
    return None


@contextmanager
def _our_errors() -> Iterator[None]:
    """Tell the library's errors as ours."""
    try:
        yield
    except TimeoutError as error:
        raise HeadOfficeSilent(problem="its answer took too long") from error
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise HeadOfficeAway(problem=str(error)) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise HeadOfficeSilent(problem=str(error) or type(error).__name__) from error


def _demand_answer(response: httpx2.Response) -> None:
    """Raises HeadOfficeSilent, HeadOfficeRefused when an answer is none."""
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise HeadOfficeSilent(status=response.status_code)
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise _refusal(response)


def _read(response: httpx2.Response, answer: type[Answer]) -> Answer:
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        raise HeadOfficeSilent(problem="its answer cannot be understood") from error


def _refusal(response: httpx2.Response) -> ShopwrightError:
    """Read a problem; what is none did not come from head office."""
    try:
        problem = json.loads(response.content)
        return HeadOfficeRefused(problem=f"{problem['title']} {problem['hint']}", code=problem["code"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return HeadOfficeSilent(status=response.status_code)
