"""Watching for nodes that fall silent, or keep what they should have sent."""

import asyncio
from datetime import timedelta

from cloud.alarms import service
from cloud.alarms.models import Bounds
from cloud.head_office import HeadOffice

LOOK_EVERY_S = 5.0  # the bounds are minutes


async def keep_watch(head_office: HeadOffice) -> None:
    """Raise and end alarms about silence for as long as the service runs. A repeat changes nothing."""
    config = head_office.config
    bounds = Bounds(
        silent_for=timedelta(minutes=config.silent_alarm_minutes),
        unsent_for=timedelta(minutes=config.unsent_alarm_minutes),
        began_at=head_office.clock.now(),
    )
    while True:
        now = head_office.clock.now()
        if await head_office.db.read(service.is_watch_due, bounds, now):
            for tenant_id in await head_office.db.write(service.watch, bounds, now):
                head_office.tenant_changed(tenant_id)
        await asyncio.sleep(LOOK_EVERY_S)
