"""The doors of a daemon that cannot work yet: each says what is wrong and what to do, until it works."""

import base64
import hashlib
import html
from dataclasses import dataclass
from http import HTTPStatus
from typing import get_args

from aiohttp import web

from shared import messages
from shared.api import pages
from shared.api.problems import problem
from shared.errors import ShopwrightError
from shared.model.store import Language

# A page that only loads itself anew would stay on the browser's own error if that came just between the two doors.
SCRIPT = "setInterval(() => fetch('/').then((answer) => answer.status === 503 || location.reload(), () => 0), 1000)"
SCRIPT_DIGEST = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
PAGE_HEADERS = {
    **pages.PAGE_HEADERS,
    "Content-Security-Policy": f"{pages.CONTENT_SECURITY_POLICY}; script-src 'sha256-{SCRIPT_DIGEST}'",
}
STYLE = """
:root { color-scheme: light dark; font-family: "Noto Sans", sans-serif }
body { margin: 0; min-height: 100vh; display: grid; align-content: center; gap: 48px; padding: 0 24px }
section { max-width: 40rem; width: 100%; margin: 0 auto }
h1 { font-size: 1.75rem; margin: 0 0 12px }
p { font-size: 1.25rem; margin: 0 }
"""
RIGHT_TO_LEFT: set[Language] = {"he"}
RETRY_AFTER_S = "1"


@dataclass(slots=True)
class Waiting:
    """Answers 503: with a page at `prefix` and below it, and with a problem elsewhere."""

    error: ShopwrightError  # why the daemon cannot work, as of now
    prefix: str

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        status, error = HTTPStatus.SERVICE_UNAVAILABLE, self.error
        if request.path == "/" or request.path.startswith(self.prefix):
            told = web.Response(status=status, text=_page(error), content_type="text/html", headers=PAGE_HEADERS)
        else:
            told = problem(status, error.code, error.title, error.hint, can_sell=False, facts=error.facts)
        told.headers["Retry-After"] = RETRY_AFTER_S
        return told


def _page(error: ShopwrightError) -> str:
    """Write a page in every language: nobody knows the store's own without its data."""
    parts = "".join(_told(language) for language in get_args(Language))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Shopwright</title><style>{STYLE}</style>'
        f'<body>{parts}<section><p lang="en"><small>{html.escape(error.title)}</small></p></section>'
        f"<script>{SCRIPT}</script>"
    )


def _told(language: Language) -> str:
    title, hint = messages.text(language, "waiting.title"), messages.text(language, "waiting.hint")
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    said = f"<h1>{html.escape(title)}</h1><p>{html.escape(hint)}</p>"
    return f'<section lang="{language}" dir="{direction}">{said}</section>'
