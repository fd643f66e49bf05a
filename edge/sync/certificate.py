"""Being known: what head office says of this box is kept, and shown to a head office that has forgotten it."""

import structlog

from edge.fleet import service as fleet
from edge.shop import Shop
from edge.sync.client import HeadOfficeClient, HeadOfficeRefused
from shared.errors import Unavailable
from shared.protocol.enrolment import Enrolled, ReturnRequest

log = structlog.get_logger()

ASKED_EVERY_S = 3_600.0  # an older head office has none to give
UNKNOWN = "unauthenticated"  # head office knows no such node


async def fetch_certificate(shop: Shop, head_office: HeadOfficeClient) -> None:
    """Ask head office for this box's certificate, unless it is here. One that has none is asked again later."""
    now_s = shop.clock.monotonic_s()
    if shop.identity.enrolled.certificate is not None or now_s < shop.line.certificate_from_s:
        return
    try:
        told = await head_office.get("/api/enrolment", Enrolled)
    except Unavailable as error:
        log.info("certificate_not_fetched", error=str(error))
        return
    except HeadOfficeRefused as error:
        log.info("certificate_not_given", error=str(error))
        shop.line.certificate_from_s = now_s + ASKED_EVERY_S
        return
    if told.certificate is not None:
        shop.identity = await shop.db.transact(fleet.keep_certificate, told.certificate)


async def come_back(shop: Shop, head_office: HeadOfficeClient, refused: HeadOfficeRefused) -> bool:
    """Show the certificate to a head office that does not know this box; tells whether it knows it now.

    So does one that was restored from a copy of before the enrolment. Raises HeadOfficeAway, HeadOfficeSilent.
    """
    certificate = shop.identity.enrolled.certificate
    if refused.facts.get("code") != UNKNOWN or certificate is None:
        return False
    try:
        await head_office.send("/api/returns", ReturnRequest(certificate=certificate), Enrolled)
    except HeadOfficeRefused as error:
        log.warning("not_known_again", error=str(error))
        return False
    log.warning("known_again")
    return True
