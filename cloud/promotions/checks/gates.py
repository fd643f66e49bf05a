"""Whether there is any moment, in any store, at which a promotion is open."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cloud.promotions.checks.finding import Shops, found
from cloud.promotions.models import Finding
from shared.promotions.families import Promotion
from shared.promotions.gate import Gate


def check_gate(promotion: Promotion, shops: Shops) -> Iterator[Finding]:
    gate = promotion.gate
    for name, listed in (("days", gate.days), ("stores", gate.stores), ("channels", gate.channels)):
        if listed is not None and not listed:
            yield found(f"gate.{name}", "never-open", f"its list of {name} is empty, so that it is never open")
    for code in sorted(gate.stores or ()):
        if code not in shops.zones:
            yield found("gate.stores", "unknown-store", f"no store has the code {code!r}")
    for name in ("max_uses_per_customer", "max_uses_total"):
        if getattr(gate, name) == 0:
            yield found(f"gate.{name}", "never-open", f"{name} is 0, so that nobody can ever use it")
    yield from _by_the_clock(gate, shops)


def _by_the_clock(gate: Gate, shops: Shops) -> Iterator[Finding]:
    first, last = gate.window
    if first > last:
        yield found("gate.to", "ends-before", f"it ends on {gate.to}, before it begins on {gate.from_}")
    elif gate.hours and gate.hours[0] == gate.hours[1]:
        yield found("gate.hours", "never-open", f"it begins and ends at {gate.hours[0]}, so that it is never open")
    elif gate.days == ():
        return
    elif not any(gate.openings()):
        message = f"between {gate.from_ or 'the beginning'} and {gate.to or 'the end'} its days and hours never come"
        yield found("gate.days" if gate.days else "gate.hours", "never-open", message)
    else:
        yield from _in_stores(gate, shops)


def _in_stores(gate: Gate, shops: Shops) -> Iterator[Finding]:
    """Warn of what only the stores' own clocks say: that it is over, or that they jump over all of its time."""
    zones = {code: ZoneInfo(zone) for code, zone in shops.zones.items() if gate.stores is None or code in gate.stores}
    _, last = gate.window
    if zones and all(last < _local(shops.now, zone) for zone in zones.values()):
        yield found("gate.to", "over", f"it ended on {gate.to} and does not open again", "warning")
    for code, zone in sorted(zones.items()):
        if not any(_comes(moment, zone) for opening in gate.openings() for moment in opening):
            message = f"in store {code} the clocks are put forward over all of its time, so that it is never open there"
            yield found("gate.hours" if gate.hours else "gate.from", "never-open", message, "warning")


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _comes(local: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a clock on the wall ever shows this: an hour is left out when clocks are put forward."""
    try:
        return _local(local.replace(tzinfo=zone).astimezone(UTC), zone) == local
    except OverflowError:  # the ends of the calendar; nobody sets a clock there
        return True
