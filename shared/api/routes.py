"""Typed routes: a handler's signature says what it takes and gives, and the OpenAPI document is read from the same.

    @routes.post("/baskets/{basket_id}/scans", summary="Add what was scanned", status=201)
    async def scan(request: web.Request, basket_id: Id, body: ScanRequest) -> BasketView: ...

`body` is the JSON body, `query` the query string, other names stand in the path; all are validated by pydantic before
the handler runs. The answer is a model, None (204), or a finished `web.StreamResponse`.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, get_type_hints

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.errors import Invalid

Handler = Callable[..., Awaitable[Any]]
KEY_LENGTH_MAX = 80


class NotJson(Invalid):
    """The request's body is not declared as JSON."""

    hint = "Send it with Content-Type: application/json."


class BadRequest(Invalid):
    """The request cannot be read: {problem}"""

    hint = "Correct the fields named and send it again; /docs shows what is expected."


class BadIdempotencyKey(Invalid):
    """The Idempotency-Key is empty, longer than 80 characters, or no plain ASCII."""

    hint = "Use a fresh UUID for each new intent and the same one for its repeats."


FIELDS_MAX = 20  # wrong fields that are listed; who sends more has one mistake, not many


@dataclass(frozen=True)
class Route:
    """One door: what it is called, and what its handler's signature says."""

    method: str
    path: str
    handler: Handler
    summary: str
    status: int
    tag: str
    accepts: str | None = None  # media type of a body that the handler reads itself

    @cached_property
    def hints(self) -> dict[str, Any]:
        return get_type_hints(self.handler, include_extras=True)

    @cached_property
    def path_parameters(self) -> dict[str, TypeAdapter[Any]]:
        return {name: TypeAdapter(self.hints[name]) for name in re.findall(r"\{(\w+)", self.path)}

    @property
    def body(self) -> type[BaseModel] | None:
        return self.hints.get("body")

    @property
    def query(self) -> type[BaseModel] | None:
        return self.hints.get("query")

    @cached_property
    def answer(self) -> type[BaseModel] | None:
        """The model that is answered; None when the handler answers nothing or a finished response."""
        returned = self.hints["return"]
        return returned if isinstance(returned, type) and issubclass(returned, BaseModel) else None

    async def answer_to(self, request: web.Request) -> web.StreamResponse:
        """Parse the request, call the handler, write its answer."""
        try:
            arguments = await self._read(request)
        except ValidationError as error:
            raise _unreadable(error) from error
        result = await self.handler(request, **arguments)
        if isinstance(result, web.StreamResponse):
            return result
        if result is None:
            return web.Response(status=HTTPStatus.NO_CONTENT)
        return web.Response(status=self.status, body=result.model_dump_json(), content_type="application/json")

    async def _read(self, request: web.Request) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            name: adapter.validate_strings(request.match_info[name]) for name, adapter in self.path_parameters.items()
        }
        if self.body is not None:
            if request.content_type != "application/json":
                raise NotJson(content_type=request.content_type)
            arguments["body"] = self.body.model_validate_json(await request.read())
        if self.query is not None:
            arguments["query"] = self.query.model_validate_strings(dict(request.query))
        return arguments


def _unreadable(error: ValidationError) -> BadRequest:
    """Name the fields that are wrong, without repeating what was sent in them."""
    fields = [
        {"field": ".".join(str(part) for part in wrong["loc"]), "problem": wrong["msg"]}
        for wrong in error.errors(include_url=False, include_context=False, include_input=False)[:FIELDS_MAX]
    ]
    return BadRequest(problem=f"{fields[0]['field'] or 'the request'}: {fields[0]['problem']}", fields=fields)


class Routes:
    """A feature's doors, collected by decorators in its `api.py`."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.routes: list[Route] = []

    def _add(
        self, method: str, path: str, summary: str, status: int, accepts: str | None = None
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method, path, handler, summary, status, self.tag, accepts))
            return handler

        return register

    def get(self, path: str, *, summary: str) -> Callable[[Handler], Handler]:
        return self._add("GET", path, summary, HTTPStatus.OK)

    def post(
        self, path: str, *, summary: str, status: int = HTTPStatus.OK, accepts: str | None = None
    ) -> Callable[[Handler], Handler]:
        return self._add("POST", path, summary, status, accepts)

    def put(self, path: str, *, summary: str) -> Callable[[Handler], Handler]:
        return self._add("PUT", path, summary, HTTPStatus.OK)

    def delete(self, path: str, *, summary: str, status: int = HTTPStatus.OK) -> Callable[[Handler], Handler]:
        return self._add("DELETE", path, summary, status)


def install(app: web.Application, routes: Iterable[Route]) -> None:
    """Open the doors on an application."""
    for route in routes:
        if route.method == "GET":
            app.router.add_get(route.path, route.answer_to)  # answers HEAD as well
        else:
            app.router.add_route(route.method, route.path, route.answer_to)


def idempotency_key(request: web.Request) -> str | None:
    """Return the key under which a repeat is answered as the first request was. Raises BadIdempotencyKey."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= KEY_LENGTH_MAX and key.isascii()):
        raise BadIdempotencyKey()
    return key
