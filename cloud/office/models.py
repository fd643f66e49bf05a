"""The picture that head office's screen shows."""

from pydantic import AwareDatetime

from cloud.orders.models import OrderRow
from shared.events.nodes import LeftOut
from shared.model.store import Language
from shared.model.strict import Strict


class NodeView(Strict):
    """A node at its last contact."""

    id: str
    name: str
    series: str
    enrolled: bool
    last_contact_at: AwareDatetime | None
    unsent: int
    oldest_unsent_at: AwareDatetime | None
    journal_seq: int
    software_version: str | None
    left_out: tuple[LeftOut, ...]  # promotions that it cannot read and sells without
    rows_behind: int | None  # of the feed, as far as they are counted; None before it asked for the first time
    prices_as_of: AwareDatetime | None  # when it last had everything
    retired_at: AwareDatetime | None = None


class StoreView(Strict):
    """A store with its nodes."""

    id: str
    code: str
    name: str
    country: str
    currency: str
    exponent: int
    language: Language
    nodes: tuple[NodeView, ...]


class OfficeView(Strict):
    """Everything at one look; `now` is head office's clock, so that ages do not depend on the screen's."""

    now: AwareDatetime
    tenant_name: str
    stores: tuple[StoreView, ...]
    orders: tuple[OrderRow, ...]
    orders_total: int
    quarantined: int
    alarms: int  # troubles of nodes that nobody settled yet
    promotion_alarms: int  # orders that head office prices otherwise, and nobody looked at yet
