"""Becoming a node of a store: the installer's one-time code against this box's own key."""

from collections.abc import Callable

from edge.database import Database
from edge.fleet import service as fleet
from edge.sync.client import HeadOfficeClient
from shared.clock import Clock
from shared.errors import Misconfigured
from shared.protocol.enrolment import CODE_LENGTH_MAX, CODE_LENGTH_MIN, Enrolled, EnrolmentRequest


class NotACode(Misconfigured):
    """{code} is no enrolment code."""

    hint = "A code has three groups of four letters and digits, such as BCDF-2345-GHJK; head office shows it once."


async def enrol(
    db: Database, url: str, code: str, clock: Clock, client: Callable[..., HeadOfficeClient] = HeadOfficeClient
) -> Enrolled:
    """Enrol this box. A repeat after a lost answer presents the same key and gets the same answer.

    client: opens the connection.
    Raises AlreadyEnrolled, NotACode, and what the client raises: a code is refused with its reason.
    """
    key = await db.transact(fleet.key_for_enrolment)
    code = code.strip().upper()
    if not CODE_LENGTH_MIN <= len(code) <= CODE_LENGTH_MAX:
        raise NotACode(code=code[:CODE_LENGTH_MAX])
    request = EnrolmentRequest(code=code, public_key=key.public_key().public_bytes_raw().hex())
    async with client(url, clock, None, None) as head_office:
        enrolled = await head_office.send("/api/enrolments", request, Enrolled)
    await db.transact(fleet.enrol, enrolled)
    return enrolled
