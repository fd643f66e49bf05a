"""What happens to devices. They are few: a node writes down only so many changes of one device an hour."""

from typing import ClassVar

from shared.events.fact import Fact
from shared.model.strict import Code, Count, Name


class DeviceChange(Fact):
    """What the facts below have in common."""

    device: Code  # its name at the node
    kind: Code  # scanner, printer …
    left_out: Count = 0  # changes since the last fact about this device that were not written down


class DeviceConnected(DeviceChange):
    """The device works."""

    event_name: ClassVar[str] = "device.connected"


class DeviceTroubled(DeviceChange):
    """Something is wrong with it. Title and hint are English; whoever shows them translates the reason."""

    reason: Code
    title: Name
    hint: Name


class DeviceDegraded(DeviceTroubled):
    """The device works, but somebody should look."""

    event_name: ClassVar[str] = "device.degraded"


class DeviceFailed(DeviceTroubled):
    """The device does not work."""

    event_name: ClassVar[str] = "device.failed"
