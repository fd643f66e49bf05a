"""Writing down how far the nodes have come with the feed."""

import asyncio

from cloud.fleet import service as fleet
from cloud.head_office import HeadOffice

WRITE_EVERY_S = 1.0  # people look at it; a service that ends loses this much, and the nodes tell it again


async def keep_noting(head_office: HeadOffice) -> None:
    """Write positions down for as long as the service runs, those of all nodes in one transaction."""
    while True:
        await asyncio.sleep(WRITE_EVERY_S)
        if positions := head_office.positions.take():
            await head_office.db.write(fleet.note_positions, positions)
            for tenant_id in {position.tenant_id for position in positions.values()}:
                head_office.tenant_changed(tenant_id)
