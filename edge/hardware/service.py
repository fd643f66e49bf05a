"""What is said of a box's devices."""

from collections.abc import Mapping, Sequence

from devices.discovery import Found, unbound
from devices.drivers import DeviceSettings, address_of
from devices.supervision import DeviceState
from devices.trials import TRIALS
from edge.hardware.models import BoundDevice, DevicesView, UnboundDevice


def view(settings: Sequence[DeviceSettings], states: Mapping[str, DeviceState], found: Sequence[Found]) -> DevicesView:
    """Return what is bound and what is not. found: what is plugged in."""
    free = unbound(found, [address_of(one) for one in settings])
    return DevicesView(
        bound=tuple(_bound(one, states.get(one.name)) for one in sorted(settings, key=lambda one: one.name)),
        unbound=tuple(_unbound(one) for one in free),
    )


def _bound(settings: DeviceSettings, state: DeviceState | None) -> BoundDevice:
    return BoundDevice(
        name=settings.name,
        kind=settings.kind,
        make=settings.make,
        address=address_of(settings),
        state=state.state if state else "unwatched",
        code=state.code if state else None,
        title=state.title if state else None,
        hint=state.hint if state else None,
        can_be_tried=settings.kind in TRIALS,
    )


def _unbound(found: Found) -> UnboundDevice:
    name = found.path.rsplit("/", 1)[-1].lower()
    entries = [["[[devices]]", *(f'{key} = "{value}"' for key, value in one.items())] for one in found.offers(name)]
    return UnboundDevice(
        sort=found.sort,
        path=found.path,
        stable=found.stable,
        title=found.title,
        offers=tuple("\n".join(entry) for entry in entries),
    )
