"""Becoming a node of a store: the installer's one-time code against this box's own key."""

from edge.database import Database
from edge.fleet import service as fleet
from edge.sync.client import HeadOfficeClient
from shared.clock import Clock
from shared.protocol.enrolment import Enrolled, EnrolmentRequest


async def enrol(db: Database, url: str, code: str, clock: Clock) -> Enrolled:
    """Enrol this box. A repeat after a lost answer presents the same key and gets the same answer.

    Raises AlreadyEnrolled, and what the client raises: an unknown, used or expired code is refused with its reason.
    """
    key = await db.transact(fleet.key_for_enrolment)
    request = EnrolmentRequest(code=code.strip().upper(), public_key=key.public_key().public_bytes_raw().hex())
    async with HeadOfficeClient(url, clock, None, None) as head_office:
        enrolled = await head_office.send("/api/enrolments", request, Enrolled)
    await db.transact(fleet.enrol, enrolled)
    return enrolled
