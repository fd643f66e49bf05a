"""What a running service has: the parts that doors and workers share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from aiohttp import web

from cloud.config import Config
from cloud.database import Database, Transaction
from cloud.received import Node
from cloud.sync.positions import Positions
from cloud.sync.shipping import Snapshots
from cloud.turns import Turns
from shared.api.live import Hub
from shared.clock import Clock

JOURNAL = "journal"  # topic of the hub: entries arrived and wait for the projector
PROJECTED = "projected"  # entries were applied, or what was applied changed

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


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
    turns: Turns = field(default_factory=Turns)

    async def write_for(
        self,
        node: Node,
        function: Callable[Concatenate[Transaction, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Change the data for a node, one change after the other. Raises TooManyAtOnce."""
        async with self.turns.of(node.id):
            return await self.db.write(function, *args, **kwargs)

    async def read_for(
        self,
        node: Node,
        function: Callable[Concatenate[Transaction, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Look something up for a node, in the same turns: reading threads are few. Raises TooManyAtOnce."""
        async with self.turns.of(node.id):
            return await self.db.read(function, *args, **kwargs)

    def tenant_changed(self, tenant_id: str) -> None:
        """Let the tenant's screens read their state again."""
        self.hub.announce(tenant_topic(tenant_id))


def tenant_topic(tenant_id: str) -> str:
    return f"tenant:{tenant_id}"


HEAD_OFFICE: web.AppKey[HeadOffice] = web.AppKey("head_office", HeadOffice)
