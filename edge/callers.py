"""Who calls: a screen, or staff, proven by the attendant key of this box."""

import hmac

from aiohttp import web

from edge.shop import SHOP
from shared.errors import Denied


class AttendantOnly(Denied):
    """Only staff may do this."""

    hint = "Send the attendant key of this box as a bearer token; it stands in the box's configuration."


def demand_attendant(request: web.Request) -> None:
    """Raises AttendantOnly unless the attendant key came with the request."""
    key = request.app[SHOP].config.attendant_key
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if key is None or not hmac.compare_digest(given.encode(errors="surrogateescape"), key.encode()):
        raise AttendantOnly
