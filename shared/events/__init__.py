"""Facts that travel up from a shop, in the past tense, never edited. One file per subject; `EVENTS` is the list."""

from shared.events.days import DayClosed
from shared.events.devices import DeviceConnected, DeviceDegraded, DeviceFailed
from shared.events.fact import Fact
from shared.events.nodes import ClockSet, CopiesDelivered, NodeStarted, PromotionsLeftOut
from shared.events.orders import OrderCompleted, OrderRefunded

EVENTS: dict[tuple[str, int], type[Fact]] = {
    (event.event_name, event.event_version): event
    for event in (
        NodeStarted,
        ClockSet,
        CopiesDelivered,
        PromotionsLeftOut,
        OrderCompleted,
        OrderRefunded,
        DayClosed,
        DeviceConnected,
        DeviceDegraded,
        DeviceFailed,
    )
}
