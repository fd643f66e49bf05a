"""After new software: what it knows now is applied by itself."""

from cloud.head_office import PROJECTED, HeadOffice
from cloud.repairs import service
from cloud.sync.projector import Handling
from cloud.sync.quarantine import Place


async def replay_known(head_office: HeadOffice, handlers: Handling) -> None:
    """Apply entries whose event was unknown before and is known now, once at the start."""
    after: Place | None = service.FIRST
    while after is not None:
        part = await head_office.db.write(service.replay_known, after, handlers, head_office.clock.now())
        for tenant_id in {tenant_id for tenant_id, _, _ in part.applied}:
            head_office.tenant_changed(tenant_id)
        if part.applied:
            head_office.hub.announce(PROJECTED)
        after = part.after
