"""The picture that a kiosk's screen shows."""

from typing import Literal

from edge.baskets.models import BasketView
from edge.capability import Capability
from edge.checkout.models import PaidOrder
from edge.handover.models import ArrivedView, ParkedView
from shared.model.strict import Strict


class NoticeView(Strict):
    """Trouble with the last scan; `code` is what screens translate."""

    id: int
    code: str
    title: str
    hint: str
    facts: dict[str, str]  # that its words name
    at: str


class DeviceView(Strict):
    """How a device is doing."""

    name: str
    kind: str
    state: str
    code: str | None
    title: str | None
    hint: str | None


class HeadOfficeView(Strict):
    """The line to head office; selling does not depend on it."""

    online: bool
    last_contact_at: str | None
    unsent: int
    prices_as_of: str | None  # when the prices were head office's newest, by its clock
    prices: Literal["fresh", "old", "unknown"]


class LaneView(Strict):
    """Everything a kiosk's screen shows."""

    lane: str
    basket: BasketView | None
    order: PaidOrder | None
    parked: ParkedView | None  # the basket that was parked here a moment ago
    arrived: ArrivedView | None  # where the present basket comes from, if another box had it
    hands_over: bool  # whether there is another till where a basket could go on
    notice: NoticeView | None
    devices: tuple[DeviceView, ...]
    head_office: HeadOfficeView


class CapabilitiesView(Strict):
    """What this box can do."""

    capabilities: tuple[Capability, ...]
