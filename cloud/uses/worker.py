"""Keeping leases with boxes that are heard of."""

import asyncio
from datetime import timedelta

from cloud.head_office import HeadOffice
from cloud.uses import service

LOOK_EVERY_S = 600.0  # silence is counted in days


async def keep_leasing(head_office: HeadOffice) -> None:
    """Look after the leases of all quotas for as long as the service runs. A repeat changes nothing."""
    silent_for = timedelta(days=head_office.config.silent_box_days)
    while True:
        for tenant_id, quota_ids in await head_office.db.read(service.open_quotas):
            now = head_office.clock.now()
            await head_office.db.write(service.look_after, tenant_id, quota_ids, silent_for, now)
        await asyncio.sleep(LOOK_EVERY_S)
