"""Doors for tenants and for signing in to the screens."""

from aiohttp import web

from cloud import callers
from cloud.head_office import HEAD_OFFICE
from cloud.tenants import service
from cloud.tenants.models import NewTenant, TenantRequest
from shared.api.routes import Routes, idempotency_key
from shared.model.strict import Name, Strict

routes = Routes("tenants")

SESSION_S = 12 * 3600  # a working day


class SignIn(Strict):
    """A tenant's head-office key."""

    key: Name


@routes.post("/api/tenants", summary="Create a tenant (operator only)", status=201)
async def create_tenant(request: web.Request, body: TenantRequest) -> NewTenant:
    callers.demand_operator(request)
    head_office = request.app[HEAD_OFFICE]
    now = head_office.clock.now()
    return await head_office.db.write(service.create, body, now, idempotency_key(request))


@routes.post("/api/session", summary="Sign a screen in", status=204)
async def sign_in(request: web.Request, body: SignIn) -> web.Response:
    """Sets a cookie that only this origin's pages send and no script can read."""
    head_office = request.app[HEAD_OFFICE]
    await head_office.db.read(service.by_key, body.key)
    response = web.Response(status=204)
    response.set_cookie(
        callers.SESSION_COOKIE,
        body.key,
        max_age=SESSION_S,
        httponly=True,
        samesite="Strict",
        secure=head_office.config.secure_cookies,
    )
    return response


@routes.delete("/api/session", summary="Sign a screen out", status=204)
async def sign_out(request: web.Request) -> web.Response:
    response = web.Response(status=204)
    response.del_cookie(callers.SESSION_COOKIE)
    return response
