"""Errors as RFC 9457 problems: each says what is wrong, what to do next, and a code that screens translate."""

import json
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from shared.errors import Conflict, Denied, Invalid, NotFound, ShopwrightError, Unauthenticated, Unavailable

log = structlog.get_logger()

STATUSES: dict[type[ShopwrightError], HTTPStatus] = {
    Invalid: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Denied: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: ShopwrightError) -> HTTPStatus:
    return next(
        (status for kind, status in STATUSES.items() if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
    )


def problem(status: HTTPStatus, code: str, title: str, hint: str, **facts: object) -> web.Response:
    """Write a problem document."""
    document = {"type": f"urn:shopwright:{code}", "title": title, "status": status, "code": code, "hint": hint, **facts}
    return web.Response(
        status=status,
        text=json.dumps(document, default=str, ensure_ascii=False),
        content_type="application/problem+json",
    )


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into problems; what nobody foresaw is logged whole and told without its insides."""
    try:
        return await handler(request)
    except ShopwrightError as error:
        status = status_of(error)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("request_refused", path=request.path, code=error.code, error=str(error))
        return problem(status, error.code, error.title, error.hint, facts=error.facts)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        status = HTTPStatus(error.status)
        told = problem(status, status.phrase.lower().replace(" ", "-"), status.phrase, "Look at /docs for what exists.")
        if "Allow" in error.headers:
            told.headers["Allow"] = error.headers["Allow"]
        return told
    except web.RequestPayloadError as error:
        hint = "Send the body as it is, or with the Content-Encoding that it really has."
        return problem(HTTPStatus.BAD_REQUEST, "unreadable-body", f"The body cannot be read: {error}", hint)
    except (ConnectionError, TimeoutError):
        raise
    except Exception:
        log.exception("request_failed", method=request.method, path=request.path)
        title = "Something failed here that nobody foresaw."
        hint = "Nothing was lost; try again, and tell support the time if it stays."
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", title, hint)
