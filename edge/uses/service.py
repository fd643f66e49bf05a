"""What is left to use, on whose account a use goes, and what becomes of it."""

from collections.abc import Collection, Container, Iterable
from datetime import datetime
from typing import TypedDict

from edge.database import Transaction
from edge.journal import Handler
from edge.uses import storage
from edge.uses.models import Result, Share, Unreturned, Use
from shared.events.fact import Fact
from shared.events.orders import OrderCompleted
from shared.model.quota import Grant, Quota, promotion_quota
from shared.promotions.families import Promotion


class Counts(TypedDict):
    """How often promotions were used, by id: by this customer, and by everybody."""

    uses: dict[str, int]
    uses_total: dict[str, int]


def counts(
    tx: Transaction,
    basket_id: str,
    customer: str | None,
    promotions: Iterable[Promotion],
    used_up: Collection[str],
    share: Share,
) -> Counts:
    """Return how often promotions were used before a basket, as far as this box has to reckon with.

    used_up: those of which this basket could get no use. They count as used as often as they may be, and so do those
    of which nothing is left for this box: others may use the rest. A shopper whom nobody knows may have had all uses
    of a customer.
    """
    found = Counts(uses={}, uses_total={})
    for promotion in promotions:
        gate, quota_id = promotion.gate, promotion_quota(promotion.id)
        is_shut = promotion.id in used_up or (
            share.is_used_up(quota_id) and not _is_left_of_lease(tx, quota_id, basket_id, share)
        )
        if gate.max_uses_per_customer is not None:
            is_open = customer is not None and not is_shut
            own = storage.count(tx, quota_id, basket_id, customer=customer)
            found["uses"][promotion.id] = own if is_open else gate.max_uses_per_customer
        if gate.max_uses_total is not None:
            own = storage.count(tx, quota_id, basket_id)
            found["uses_total"][promotion.id] = gate.max_uses_total if is_shut else own
    return found


def count(
    tx: Transaction, quota_id: str, basket_id: str, *, digest: str | None = None, customer: str | None = None
) -> int:
    """Return how many uses other baskets of this box hold or had: of this code, by this customer."""
    return storage.count(tx, quota_id, basket_id, digest=digest, customer=customer)


def balance_minor(tx: Transaction, quota: Quota, digest: str | None, basket_id: str) -> int:
    """Return what this box knows to be left on a voucher's code for a basket."""
    assert quota.worth_minor is not None
    assert digest is not None
    return max(quota.worth_minor - storage.taken_minor(tx, quota.id, digest, basket_id), 0)


def ask(tx: Transaction, basket_id: str, uses: Iterable[Use], attempt: str, now: datetime) -> None:
    """Write down that head office is about to be asked: unless a payment holds the uses, they are given back."""
    for use in uses:
        storage.ask(tx, basket_id, use, attempt, now)


def grant(tx: Transaction, quota: Quota, basket_id: str, share: Share, result: Result | None) -> Grant | None:
    """Decide on whose account a use goes; None where neither head office nor this box has one.

    result: head office's word, None where it did not answer.
    """
    if not quota.is_counted:
        return "free"
    if result == "reserved":
        return "reserved"
    if result not in {None, "used_up"}:
        return None
    # Head office does not answer, or has given the rest away: some of it to this box, which may spend that.
    return "leased" if _is_left_of_lease(tx, quota.id, basket_id, share) else None


def _is_left_of_lease(tx: Transaction, quota_id: str, basket_id: str, share: Share) -> bool:
    return storage.count(tx, quota_id, basket_id, granted="leased") < share.leased(quota_id)


def hold(tx: Transaction, basket_id: str, use: Use, now: datetime) -> None:
    """Hold a use as a part of a basket's payment."""
    storage.hold(tx, basket_id, use, now)


def held(tx: Transaction, basket_id: str) -> tuple[Use, ...]:
    """Return the uses that a basket's payment holds."""
    return storage.held(tx, basket_id)


def give_back(tx: Transaction, basket_id: str) -> None:
    """A basket's payment came to nothing: what it held can be used again."""
    storage.give_back(tx, basket_id)


def take_back(tx: Transaction, order_id: str) -> None:
    """All goods of an order came back, and so do its uses."""
    storage.take_back(tx, order_id)


def put_back_minor(tx: Transaction, order_id: str, quota_id: str, minor: int) -> None:
    """Some goods of an order came back, and so does what a voucher paid of them."""
    storage.put_back_minor(tx, order_id, quota_id, minor)


def unreturned(tx: Transaction, going_on: Container[str]) -> list[Unreturned]:
    """Return the reservations that head office shall forget. going_on: attempts to pay that may still need theirs."""
    return storage.unreturned(tx, going_on)


def returned(tx: Transaction, told: Unreturned) -> None:
    storage.set_returned(tx, told)


def on_order_completed(tx: Transaction, completed: OrderCompleted) -> None:
    if completed.order.coupons or completed.order.promotion_uses:
        storage.make_final(tx, completed.order.id)


handlers: dict[type[Fact], Handler] = {OrderCompleted: on_order_completed}
