"""Who calls: the operator, a tenant's people, or a node. Whose data it is follows from this and from nothing else."""

import hmac

from aiohttp import web

from cloud.fleet import service as fleet
from cloud.head_office import HEAD_OFFICE
from cloud.received import Node
from cloud.tenants import service as tenants
from cloud.tenants.models import OperatorOnly, Tenant
from shared.errors import Unauthenticated
from shared.protocol import enrolment, token
from shared.protocol.enrolment import Certificate

SESSION_COOKIE = "shopwright_session"


def demand_operator(request: web.Request) -> None:
    """Raises OperatorOnly unless the operator's key came with the request."""
    given, key = _bearer(request), request.app[HEAD_OFFICE].operator_key
    if not given or not hmac.compare_digest(given.encode(errors="surrogateescape"), key.encode()):
        raise OperatorOnly


async def tenant_of(request: web.Request) -> Tenant:
    """Return whose people call, by bearer key or by the session of a screen. Raises Unauthenticated, UnknownKey."""
    key = _bearer(request) or request.cookies.get(SESSION_COOKIE)
    if not key:
        raise Unauthenticated
    return await request.app[HEAD_OFFICE].db.read(tenants.by_key, key)


async def node_of(request: web.Request) -> Node:
    """Return which node calls, proven by its own signature. Raises Unauthenticated, BadToken."""
    head_office = request.app[HEAD_OFFICE]
    bearer = _bearer(request)
    if not bearer:
        raise Unauthenticated
    node = await head_office.db.read(fleet.enrolled_node, token.claimed_node(bearer))
    token.verify(bearer, node.public_key, head_office.clock.now())
    return node


def certificate_of(request: web.Request, shown: str) -> Certificate:
    """Return who calls by a certificate: a node that the data have forgotten.

    Raises Unauthenticated, BadToken, BadCertificate.
    """
    head_office, bearer = request.app[HEAD_OFFICE], _bearer(request)
    if not bearer:
        raise Unauthenticated
    node_id = token.claimed_node(bearer)
    certificate = enrolment.read_certificate(shown, head_office.signing_key)
    if certificate.node_id != node_id:
        raise Unauthenticated
    token.verify(bearer, bytes.fromhex(certificate.public_key), head_office.clock.now())
    return certificate


def _bearer(request: web.Request) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value if scheme.lower() == "bearer" and value else None
