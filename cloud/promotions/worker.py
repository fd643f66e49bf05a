"""Publishing packs when their time comes."""

from cloud.head_office import HeadOffice
from cloud.promotions import service
from shared.workers import happens

LOOK_EVERY_S = 5.0  # a pack may be so much late


async def keep_publishing(head_office: HeadOffice) -> None:
    """Publish what is due for as long as the service runs. Two services on one database publish each pack once."""
    with head_office.hub.watching(service.PACKS) as asked:
        while True:
            asked.clear()
            if await head_office.db.read(service.is_due, head_office.clock.now()):
                for tenant_id in await head_office.db.write(service.publish_due, head_office.clock.now()):
                    head_office.tenant_changed(tenant_id)
            await happens(asked, within_s=LOOK_EVERY_S)
