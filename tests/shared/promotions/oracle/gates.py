"""Whether a promotion's gate is open in the context of a case."""

from datetime import date, datetime, time

from tests.shared.promotions.oracle.basket import Json


def is_open(promotion: Json, context: Json) -> bool:
    gate = promotion.get("gate") or {}
    return (
        ("coupon" not in gate or gate["coupon"] in context.get("coupons", ()))
        and ("member_tag" not in gate or gate["member_tag"] in context.get("member_tags", ()))
        and _is_left(gate.get("max_uses_per_customer"), context.get("uses"), promotion["id"])
        and _is_left(gate.get("max_uses_total"), context.get("uses_total"), promotion["id"])
        and (not gate.keys() & {"from", "to", "days", "hours"} or _is_time(gate, context.get("now")))
    )


def _is_left(most: int | None, uses: Json | None, promotion_id: str) -> bool:
    return most is None or (uses or {}).get(promotion_id, 0) < most


def _is_time(gate: Json, now: str | None) -> bool:
    if now is None:  # nobody can say that it is time
        return False
    at = datetime.fromisoformat(now)
    return (
        ("from" not in gate or datetime.fromisoformat(gate["from"]) <= at)
        and ("to" not in gate or at <= _end(gate["to"]))
        and ("days" not in gate or at.isoweekday() in gate["days"])
        and ("hours" not in gate or _is_hour(at.hour * 60 + at.minute, *map(_minutes, gate["hours"])))
    )


def _end(moment: str) -> datetime:
    """Return the last moment that counts: a bare date means all of that day."""
    is_date = len(moment) == len("2026-01-31")
    return datetime.combine(date.fromisoformat(moment), time.max) if is_date else datetime.fromisoformat(moment)


def _minutes(clock: str | int) -> int:
    hours, _, minutes = str(clock).partition(":")
    return int(hours) * 60 + int(minutes or 0)


def _is_hour(at: int, start: int, end: int) -> bool:
    """Tell whether a minute of the day lies in [start, end); a start behind the end runs over midnight."""
    return start <= at < end if start <= end else at >= start or at < end
