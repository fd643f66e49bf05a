"""What happens to nodes."""

from typing import ClassVar

from shared.events.fact import Fact
from shared.model.strict import Name


class NodeStarted(Fact):
    """The daemon came up and verified its journal."""

    event_name: ClassVar[str] = "node.started"
    software_version: Name
