"""The door through which a journal leaves its box."""

from aiohttp import web

from edge.archive.export import exported
from edge.callers import demand_attendant
from edge.shop import SHOP
from shared.api.routes import Routes

routes = Routes("journal")


@routes.get("/api/journal/export", summary="The journal of this box as a file that anyone can verify")
async def export_journal(request: web.Request) -> web.StreamResponse:
    """Lines of JSON: who wrote it, the entries as they were written, the signed hash of the last. Only for staff."""
    demand_attendant(request)
    shop = request.app[SHOP]
    name = f"journal-{shop.identity.enrolled.series}.jsonl"
    response = web.StreamResponse(
        headers={"Content-Type": "application/jsonl", "Content-Disposition": f'attachment; filename="{name}"'}
    )
    await response.prepare(request)
    async for piece in exported(shop.db, shop.identity):
        await response.write(piece)
    return response
