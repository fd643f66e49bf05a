"""The door for health."""

from typing import Literal

from aiohttp import web

from cloud.database import Transaction
from cloud.head_office import HEAD_OFFICE
from shared.api.routes import Routes
from shared.model.strict import Strict

routes = Routes("health")


class Health(Strict):
    """The service answers and its database does."""

    status: Literal["ok"]


@routes.get("/healthz", summary="Whether this service works")
async def show_health(request: web.Request) -> Health:
    """Answers 503 when the database does not."""
    await request.app[HEAD_OFFICE].db.read(_probe)
    return Health(status="ok")


def _probe(tx: Transaction) -> None:
    tx.exec_driver_sql("select 1")
