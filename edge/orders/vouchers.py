"""What goes back on vouchers when goods come back that were paid with them."""

from collections.abc import Mapping, Sequence

from shared.model.order import Order, RefundLine, VoucherReturn
from shared.money import share


def vouchers_back(
    original: Order, refunded: Sequence[RefundLine], returned: Mapping[int, int], *, is_whole: bool
) -> tuple[VoucherReturn, ...]:
    """Return what these units took off vouchers; all of it, once everything has come back.

    returned: units of each line that have come back by now, these included. A voucher whose remainder was lost
    comes back with the whole order or not at all.
    """
    found = []
    paid_minor = {line.number: line.total_minor for line in original.lines}
    for promotion in original.vouchers:
        use = next((use for use in original.coupons if use.campaign == promotion.gate.coupon), None)
        if use is None or use.voucher is None:
            continue
        minor = 0
        for line in refunded:
            with_it_minor = paid_minor[line.number] + _taken_minor(original, promotion.id, line.number)
            each = [1] * next(sold.quantity for sold in original.lines if sold.number == line.number)
            units = slice(returned[line.number] - line.quantity, returned[line.number])
            # Beside what is paid out for a unit, so that both together are its price to the minor unit.
            minor += sum(share(with_it_minor, each)[units]) - sum(share(paid_minor[line.number], each)[units])
            paid_minor[line.number] = with_it_minor
        if not use.voucher.stays:
            minor = use.voucher.minor if is_whole else 0
        if minor:
            back = VoucherReturn(campaign=use.campaign, name=promotion.title, digest=use.digest, minor=minor)
            found.append(back)
    return tuple(found)


def _taken_minor(original: Order, promotion_id: str, line_number: int) -> int:
    applied = (use for use in original.applications if use.promotion_id == promotion_id)
    return sum(use.line_discount_minor(line_number) for use in applied)
