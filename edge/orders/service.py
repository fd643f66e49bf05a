"""Completing a basket into an order, and taking goods back."""

from collections.abc import Sequence
from datetime import datetime

from edge.baskets import service as baskets
from edge.database import Transaction
from edge.days import service as days
from edge.journal import Journal
from edge.orders import storage
from edge.orders.models import (
    Given,
    OrderPage,
    OrderRow,
    RefundIdTaken,
    RefundLineRequest,
    RefundTooLarge,
    UnknownOrder,
)
from edge.orders.vouchers import vouchers_back
from edge.specials import counting
from edge.uses import service as uses
from shared.errors import NotFound
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.basket import Basket, BasketLine
from shared.model.order import Order, OrderLine, PricedWith, Refund, RefundLine
from shared.model.special import Draw
from shared.model.store import Store
from shared.model.tender import CashTender, Tender
from shared.money import share
from shared.promotions.evaluation import Saving
from shared.protocol.enrolment import Enrolled
from shared.tax.policy import POLICY, TaxedAmount, tax_table
from shared.tax.sums import TaxSums


def complete(
    tx: Transaction,
    basket: Basket,
    tender: Tender,
    store: Store,
    node: Enrolled,
    journal: Journal,
    now: datetime,
    draws: tuple[Draw, ...] = (),
) -> Order:
    """Make the basket an order: number, tax, tender, journal entry, and the basket closed, all or nothing.

    tender: pays what is due for the basket, after cash rounding where it is cash.
    """
    savings = basket.evaluation.savings
    amounts = [_taxed(line, savings.get(line.number, ()), store) for line in basket.lines]
    taxes, line_taxes = tax_table(amounts)
    coupons, promotion_uses = counting.held(tx, basket)
    order = Order(
        id=basket.id,
        receipt_number=storage.next_number(tx, node.series),
        store_id=store.id,
        node_id=node.node_id,
        lane=basket.lane,
        placed_at=now,
        business_day=days.business_day(tx, store, now),
        currency=basket.currency,
        language=store.language,
        lines=tuple(
            OrderLine(
                number=line.number,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                unit_price_minor=line.unit_price_minor,
                gross_minor=line.gross_minor,
                discount_minor=line.gross_minor - amount.gross_minor,
                total_minor=amount.gross_minor,
                tax_class=line.tax_class,
                tax_rate_bp=amount.rate_bp,
                tax_minor=tax_minor,
                floor_price_minor=line.floor_price_minor,
                category=line.category,
                brand=line.brand,
                tags=line.tags,
                discountable=line.discountable,
            )
            for line, amount, tax_minor in zip(basket.lines, amounts, line_taxes, strict=True)
        ),
        applications=basket.evaluation.applications,
        pack_version=basket.pack_version,
        pricing=PricedWith.of(basket.evaluation),
        coupons=coupons,
        promotion_uses=promotion_uses,
        operator_discounts=basket.specials.operator,
        vouchers=basket.specials.vouchers,
        donation=basket.donation,
        draws=draws,
        tax_policy=POLICY,
        taxes=taxes,
        gross_minor=basket.gross_minor,
        discount_minor=basket.evaluation.discount_minor,
        total_minor=basket.total_minor,
        rounding_minor=tender.amount_minor - basket.due_minor,
        tenders=(tender,),
    )
    baskets.complete(tx, basket.id)
    storage.add_order(tx, order)
    journal.record(tx, OrderCompleted(order=order), now, order.business_day)
    return order


def _taxed(line: BasketLine, savings: Sequence[Saving], store: Store) -> TaxedAmount:
    total_minor = line.gross_minor - sum(saving.minor for saving in savings)
    return TaxedAmount(line.tax_class, store.tax_rates_bp[line.tax_class], total_minor)


def order(tx: Transaction, order_id: str) -> Order:
    """Return one order. Raises UnknownOrder."""
    found = storage.order(tx, order_id)
    if found is None:
        raise UnknownOrder(kind="order", order=order_id)
    return found


def latest_of_lane(tx: Transaction, lane: str) -> Order | None:
    """Return the last order that was paid at a lane."""
    return storage.latest_of_lane(tx, lane)


def page(tx: Transaction, before: str | None, limit: int) -> OrderPage:
    """Return orders older than the one with the id `before`, newest first."""
    rows = tuple(
        OrderRow(id=row[0], receipt_number=row[1], placed_at=row[2], currency=row[3], total_minor=row[4])
        for row in storage.page(tx, before, limit)
    )
    return OrderPage(orders=rows, next=rows[-1].id if len(rows) == limit else None)


def document(tx: Transaction, document_id: str) -> Order | Refund:
    """Return the order or refund with this id. Raises UnknownOrder."""
    found = storage.order(tx, document_id) or storage.refund(tx, document_id)
    if found is None:
        raise UnknownOrder(kind="order", order=document_id)
    return found


def refund(
    tx: Transaction,
    order_id: str,
    lines: Sequence[RefundLineRequest],
    refund_id: str,
    store: Store,
    node: Enrolled,
    journal: Journal,
    now: datetime,
) -> Given:
    """Take units of an order back for cash, at what was paid for exactly these units. A repeated id changes nothing.

    Raises UnknownOrder, RefundIdTaken, RefundTooLarge, NotFound.
    """
    original = order(tx, order_id)
    known = storage.refund(tx, refund_id)
    if known is not None and known.order_id == order_id:
        return Given(known, is_new=False)
    if known is not None or storage.order(tx, refund_id) is not None:
        raise RefundIdTaken(refund=refund_id)
    returned = storage.refunded_quantities(tx, order_id)
    refunded = []
    for request in lines:
        refunded.append(_refund_line(original, request, returned.get(request.number, 0)))
        returned[request.number] = returned.get(request.number, 0) + request.quantity
    is_whole = all(returned.get(line.number, 0) >= line.quantity for line in original.lines)
    vouchers = vouchers_back(original, refunded, returned, is_whole=is_whole)
    total_minor = sum(line.amount_minor for line in refunded)
    taxes = TaxSums()
    for line in refunded:
        taxes.add(line.tax_class, line.tax_rate_bp, line.amount_minor, line.tax_minor)
    cash_minor = store.cash_rule.returnable_minor(total_minor)
    made = Refund(
        id=refund_id,
        receipt_number=storage.next_number(tx, node.series),
        order_id=original.id,
        order_receipt_number=original.receipt_number,
        store_id=store.id,
        node_id=node.node_id,
        placed_at=now,
        business_day=days.business_day(tx, store, now),
        currency=original.currency,
        language=original.language,
        lines=tuple(refunded),
        vouchers=vouchers,
        taxes=taxes.table(),
        total_minor=total_minor,
        rounding_minor=cash_minor - total_minor,
        tender=CashTender(amount_minor=cash_minor, tendered_minor=cash_minor, change_minor=0),
    )
    storage.add_refund(tx, made)
    for back in vouchers:
        uses.put_back_minor(tx, original.id, back.campaign, back.minor)
    if is_whole:
        uses.take_back(tx, original.id)
    journal.record(tx, OrderRefunded(refund=made), now, made.business_day)
    return Given(made, is_new=True)


def _refund_line(original: Order, request: RefundLineRequest, returned: int) -> RefundLine:
    line = next((line for line in original.lines if line.number == request.number), None)
    if line is None:
        raise NotFound(kind="line in this order", line=request.number)
    if returned + request.quantity > line.quantity:
        raise RefundTooLarge(line=request.number, left=line.quantity - returned)
    each = [1] * line.quantity
    units = slice(returned, returned + request.quantity)
    return RefundLine(
        number=line.number,
        sku=line.sku,
        name=line.name,
        quantity=request.quantity,
        amount_minor=sum(share(line.total_minor, each)[units]),
        tax_class=line.tax_class,
        tax_rate_bp=line.tax_rate_bp,
        tax_minor=sum(share(line.tax_minor, each)[units]),
    )
