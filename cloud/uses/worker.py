"""Keeping leases with boxes that are heard of."""

import asyncio
from datetime import timedelta

from cloud.head_office import HeadOffice
from cloud.uses import service

LOOK_EVERY_S = 600.0  # silence is counted in days


async def keep_leasing(head_office: HeadOffice) -> None:
    """Look after the leases of each quota for as long as the service runs. A repeat changes nothing."""
    silent_for = timedelta(days=head_office.config.silent_box_days)
    while True:
        for owner in await head_office.db.read(service.open_quotas):
            await head_office.db.write(service.look_after, owner, silent_for, head_office.clock.now())
        await asyncio.sleep(LOOK_EVERY_S)
