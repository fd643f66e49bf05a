"""What a running service has: the parts that doors and workers share."""

from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from cloud.config import Config
from cloud.database import Database
from cloud.sync.positions import Positions
from cloud.sync.shipping import Snapshots
from shared.api.live import Hub
from shared.clock import Clock

JOURNAL = "journal"  # topic of the hub: entries arrived and wait for the projector
PROJECTED = "projected"  # entries were applied, or what was applied changed


@dataclass(frozen=True, slots=True)
class HeadOffice:
    """The service's parts. Whatever must survive is in `db`."""

    config: Config
    folder: Path
    db: Database
    clock: Clock
    operator_key: str
    snapshots: Snapshots
    signing_key: str  # its public half: what boxes believe snapshots by
    positions: Positions = field(default_factory=Positions)
    hub: Hub = field(default_factory=Hub)

    def tenant_changed(self, tenant_id: str) -> None:
        """Let the tenant's screens read their state again."""
        self.hub.announce(tenant_topic(tenant_id))


def tenant_topic(tenant_id: str) -> str:
    return f"tenant:{tenant_id}"


HEAD_OFFICE: web.AppKey[HeadOffice] = web.AppKey("head_office", HeadOffice)
