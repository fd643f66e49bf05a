"""A connection to head office: signed, bounded in time, and with errors of three kinds.

Never reached head office (`HeadOfficeAway`), reached it perhaps (`HeadOfficeSilent`), or it said no
(`HeadOfficeRefused`). Whatever is no proper answer counts as silence: a broken proxy must not look like a decision.
"""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Self, TypeVar

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ValidationError

from shared.clock import Clock
from shared.errors import ShopwrightError, Unavailable
from shared.protocol import token

CONNECT_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 10.0  # between two pieces of an answer
WHOLE_ANSWER_TIMEOUT_S = 120.0  # a snapshot on a slow line
TOKEN_RENEWED_S = 120.0  # well before it ends
ANSWER_BYTES_MAX = 200_000_000  # the snapshot of a million products has 45 MB

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

    async def get(self, path: str, answer: type[Answer], **query: int) -> Answer:
        """Ask for a model. Raises as `send`."""
        return _read(await self._call("GET", path, None, **query), answer)

    async def download(self, path: str) -> tuple[bytes, str]:
        """Return a file and the digest that its `Repr-Digest` header claims. Raises as `send`."""
        response = await self._call("GET", path, None)
        return response.content, response.headers.get("Repr-Digest", "")

    async def _call(self, method: str, path: str, content: bytes | None, **query: int) -> httpx2.Response:
        response = await self._attempt(method, path, content, query)
        if response.status_code == HTTPStatus.UNAUTHORIZED and self._learn_skew(response):
            response = await self._attempt(method, path, content, query)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise HeadOfficeSilent(status=response.status_code)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise _refusal(response)
        return response

    async def _attempt(self, method: str, path: str, content: bytes | None, query: dict[str, int]) -> httpx2.Response:
        headers = {"Content-Type": "application/json"} if content is not None else {}
        if self._node_id and self._key:
            headers["Authorization"] = f"Bearer {self._fresh_token(self._node_id, self._key)}"
        try:
            async with asyncio.timeout(WHOLE_ANSWER_TIMEOUT_S):
                request = self._http.build_request(method, path, content=content, headers=headers, params=query or None)
                return await self._bounded(await self._http.send(request, stream=True))
        except TimeoutError as error:
            raise HeadOfficeSilent(problem="its answer took too long") from error
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise HeadOfficeAway(problem=str(error)) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise HeadOfficeSilent(problem=str(error) or type(error).__name__) from error

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
        with suppress(KeyError, ValueError, TypeError):
            told = parsedate_to_datetime(response.headers["Date"])
            skew = told.replace(tzinfo=told.tzinfo or UTC) - self._clock.now()
            if abs(skew - self._skew) > timedelta(seconds=token.SKEW_S / 2):
                self._skew = skew
                self._token = None
                return True
        return False


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
