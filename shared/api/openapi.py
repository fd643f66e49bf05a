"""The OpenAPI 3.1 document of a daemon, read from its routes, and a page that people can read.

pydantic's JSON Schema is OpenAPI 3.1's own dialect (JSON Schema 2020-12), so models are put in as they are.
"""

import html
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared.api.routes import Route, Routes

REFERENCE = "#/components/schemas/{model}"

PROBLEM = {
    "description": "A problem (RFC 9457): `code` for machines, `title` and `hint` for people.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "code", "hint"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "hint": {"type": "string"},
    },
}


def document(title: str, version: str, routes: Sequence[Route], *, secured: bool) -> dict[str, Any]:
    """Return the OpenAPI document.

    secured: whether the doors ask for a bearer token.
    """
    models: set[type[BaseModel]] = {
        model for route in routes for model in (route.body, route.answer) if model is not None
    }
    pairs: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "validation") for model in sorted(models, key=lambda model: model.__qualname__)
    ]
    names, schemas = models_json_schema(pairs, ref_template=REFERENCE)
    of_queries = {
        name: schema
        for route in routes
        if route.query is not None
        for name, schema in route.query.model_json_schema(ref_template=REFERENCE).get("$defs", {}).items()
    }
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, names)
    components: dict[str, Any] = {"schemas": {**schemas.get("$defs", {}), **of_queries, "Problem": PROBLEM_SCHEMA}}
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": components,
    }
    if secured:
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        whole["security"] = [{"bearer": []}]
    return whole


def _operation(route: Route, names: dict[Any, Any]) -> dict[str, Any]:
    def schema(model: type[BaseModel]) -> dict[str, Any]:
        return {"application/json": {"schema": names[(model, "validation")]}}

    parameters = [
        {"name": name, "in": "path", "required": True, "schema": adapter.json_schema()}
        for name, adapter in route.path_parameters.items()
    ]
    if route.query is not None:
        described = route.query.model_json_schema(ref_template=REFERENCE)
        parameters += [
            {"name": name, "in": "query", "required": name in described.get("required", ()), "schema": field}
            for name, field in described["properties"].items()
        ]
    if route.method != "GET":
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": 80},
                "description": "A repeat with the same key is answered as the first was.",
            }
        )
    answers_nothing = route.hints["return"] is type(None)
    status = HTTPStatus.NO_CONTENT if answers_nothing else HTTPStatus(route.status)
    answer: dict[str, Any] = {"description": status.phrase}
    if route.answer is not None:
        answer["content"] = schema(route.answer)
    operation: dict[str, Any] = {
        "operationId": f"{route.tag}_{route.handler.__name__}",
        "tags": [route.tag],
        "summary": route.summary,
        "parameters": parameters,
        "responses": {str(status.value): answer, "default": PROBLEM},
    }
    if route.handler.__doc__:
        operation["description"] = route.handler.__doc__.strip()
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": schema(route.body)}
    elif route.accepts is not None:
        content = {route.accepts: {"schema": {"type": "string"}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def doors(title: str, version: str, routes: Sequence[Route], *, secured: bool) -> Routes:
    """Return `/openapi.json` and `/docs` for these routes; both are made at the first request."""
    own = Routes("documentation")
    made: dict[str, dict[str, Any]] = {}

    def described() -> dict[str, Any]:
        if not made:
            made["document"] = document(title, version, routes, secured=secured)
        return made["document"]

    @own.get("/openapi.json", summary="This interface as OpenAPI 3.1")
    async def show_document(request: web.Request) -> web.Response:
        return web.json_response(described())

    @own.get("/docs", summary="This interface for people")
    async def show_page(request: web.Request) -> web.Response:
        return web.Response(text=page(described()), content_type="text/html")

    return own


STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
:root { --line: #8884; --accent: light-dark(#0b5d3b, #6fd0a3) }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem } h2 { margin-top: 3rem; text-transform: capitalize }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: .5rem 1rem }
summary { cursor: pointer } code, pre { font: 14px/1.4 ui-monospace, monospace } pre { overflow-x: auto }
b { color: var(--accent); display: inline-block; min-width: 4.5rem } table { border-collapse: collapse }
td { border-top: 1px solid var(--line); padding: .25rem .75rem .25rem 0; vertical-align: top }
"""


def page(described: dict[str, Any]) -> str:
    """Write the document as one HTML page without scripts."""
    by_tag: dict[str, list[str]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append(_door(method, path, operation))
    sections = "".join(f"<h2>{html.escape(tag)}</h2>{''.join(doors)}" for tag, doors in by_tag.items())
    models = "".join(
        f'<details id="{name}"><summary><code>{name}</code></summary>'
        f"<pre>{html.escape(json.dumps(schema, indent=2, ensure_ascii=False))}</pre></details>"
        for name, schema in sorted(described["components"]["schemas"].items())
    )
    title = html.escape(f"{described['info']['title']} {described['info']['version']}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>"
        f'<p>The same for machines: <a href="/openapi.json">/openapi.json</a>. Errors are problems (RFC 9457).</p>'
        f"{sections}<h2>Models</h2>{models}</html>"
    )


def _door(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = [
        (f"<code>{p['name']}</code>", f"{p['in']}{', required' if p['required'] else ''}")
        for p in operation["parameters"]
    ]
    if "requestBody" in operation:
        rows.append(("body", _model(operation["requestBody"])))
    rows += [(status, _model(answer)) for status, answer in operation["responses"].items()]
    table = "".join(f"<tr><td>{name}<td>{what}" for name, what in rows)
    text = html.escape(operation.get("description", ""))
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{html.escape(path)}</code> – "
        f"{html.escape(operation['summary'])}</summary><p>{text}</p><table>{table}</table></details>"
    )


def _model(part: dict[str, Any]) -> str:
    for content in part.get("content", {}).values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        if not name:
            break
        return f'<a href="#{name}"><code>{name}</code></a>'
    return html.escape(part.get("description") or ", ".join(part.get("content", {})))
