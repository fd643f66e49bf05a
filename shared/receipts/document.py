"""The receipt as a document: what it says, in words of its language, before anybody lays it out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from shared import messages
from shared.currencies import exponent
from shared.model.order import Order, Refund
from shared.model.store import Language, Store
from shared.model.strict import Currency, Name, Strict
from shared.model.tax import TaxTotal
from shared.model.tender import CardTender, Tender
from shared.retailers import retailer

# (decimal separator, thousands separator)
SEPARATORS: dict[Language, tuple[str, str]] = {"en": (".", ","), "el": (",", "."), "he": (".", ",")}
RIGHT_TO_LEFT: frozenset[Language] = frozenset({"he"})


class Amount(Strict):
    """A labelled amount, already written as people of that language write it."""

    label: str
    amount: str


class ReceiptItem(Strict):
    """One line sold or returned, with its promotions beneath it."""

    name: Name
    detail: str | None  # "6 x 2.55" when there is more than one
    amount: str  # before promotions
    savings: tuple[Amount, ...] = ()


class TaxRow(Strict):
    """One rate of the tax table."""

    rate: str
    net: str
    tax: str
    gross: str


class Receipt(Strict):
    """All that a receipt says. `total` is what was due after promotions, with a donation, before cash rounding."""

    kind: Literal["sale", "refund"]
    language: Language
    currency: Currency
    number: str
    is_copy: bool
    store: tuple[str, ...]
    placed_at: str  # store-local
    code: str  # what the QR code holds: the order's or refund's id
    original: str | None
    items: tuple[ReceiptItem, ...]
    subtotal: str | None
    saved: str | None
    donation: Amount | None = None
    total: str
    taxes: tuple[TaxRow, ...]
    payments: tuple[Amount, ...]
    vouchers: tuple[Amount, ...] = ()  # what is left on them, or went back
    lotteries: tuple[Amount, ...] = ()  # a code each, beside its lottery's name
    footer: tuple[str, ...]
    barcode: str | None = None  # what the bars say, where the store wants them: the number

    @property
    def is_right_to_left(self) -> bool:
        return self.language in RIGHT_TO_LEFT


def amount_text(minor: int, currency: str, language: Language) -> str:
    """Write an amount: "-1,234.50" in English, "-1.234,50" in Greek."""
    point, thousands = SEPARATORS[language]
    digits = exponent(currency)
    main, rest = divmod(abs(minor), 10**digits)
    text = f"{main:,}".replace(",", thousands) + (f"{point}{rest:0{digits}d}" if digits else "")
    return f"-{text}" if minor < 0 else text


def rate_text(rate_bp: int, language: Language) -> str:
    """Write a rate: "20%", "12.5%"."""
    whole, hundredths = divmod(rate_bp, 100)
    decimals = f"{SEPARATORS[language][0]}{hundredths:02d}".rstrip("0") if hundredths else ""
    return f"{whole}{decimals}%"


def local_text(at: datetime, store: Store) -> str:
    return at.astimezone(ZoneInfo(store.timezone)).strftime("%Y-%m-%d %H:%M")


def of_order(order: Order, store: Store, *, is_copy: bool = False) -> Receipt:
    """Write an order's receipt."""

    def amount(minor: int) -> str:
        return amount_text(minor, order.currency, order.language)

    items = tuple(
        ReceiptItem(
            name=line.name,
            detail=_each(order.language, line.quantity, amount(line.unit_price_minor)),
            amount=amount(line.gross_minor),
            savings=tuple(
                Amount(label=use.name, amount=amount(-minor))
                for use in order.applications
                if (minor := use.line_discount_minor(line.number))
            ),
        )
        for line in order.lines
    )
    payments = _rounding(order.rounding_minor, order.currency, order.language) + tuple(
        row for tender in order.tenders for row in _payment(tender, order.currency, order.language)
    )
    return Receipt(
        kind="sale",
        language=order.language,
        currency=order.currency,
        number=order.receipt_number,
        is_copy=is_copy,
        store=(store.name, *store.address),
        placed_at=local_text(order.placed_at, store),
        code=order.id,
        original=None,
        items=items,
        subtotal=amount(order.gross_minor) if order.discount_minor or order.donation else None,
        saved=amount(order.discount_minor) if order.discount_minor else None,
        donation=Amount(label=order.donation.name, amount=amount(order.donation.minor)) if order.donation else None,
        total=amount(order.due_minor),
        taxes=_taxes(order.taxes, order.currency, order.language),
        payments=payments,
        vouchers=_vouchers_left(order),
        lotteries=tuple(Amount(label=draw.name, amount=drawn.code) for draw in order.draws for drawn in draw.codes),
        barcode=order.receipt_number if store.receipt_barcode else None,
        footer=(*retailer(store.retailer).receipt_footer, messages.text(order.language, "receipt.thanks")),
    )


def of_refund(refund: Refund, store: Store, *, is_copy: bool = False) -> Receipt:
    """Write a refund's receipt; its amounts are what the customer gets."""

    def amount(minor: int) -> str:
        return amount_text(minor, refund.currency, refund.language)

    return Receipt(
        kind="refund",
        language=refund.language,
        currency=refund.currency,
        number=refund.receipt_number,
        is_copy=is_copy,
        store=(store.name, *store.address),
        placed_at=local_text(refund.placed_at, store),
        code=refund.id,
        original=refund.order_receipt_number,
        items=tuple(
            ReceiptItem(
                name=line.name,
                detail=f"{line.quantity} x" if line.quantity > 1 else None,
                amount=amount(line.amount_minor),
            )
            for line in refund.lines
        ),
        subtotal=None,
        saved=None,
        total=amount(refund.total_minor),
        taxes=_taxes(refund.taxes, refund.currency, refund.language),
        payments=_rounding(refund.rounding_minor, refund.currency, refund.language)
        + _payment(refund.tender, refund.currency, refund.language),
        vouchers=tuple(
            Amount(
                label=messages.text(refund.language, "receipt.voucher_back", name=back.name), amount=amount(back.minor)
            )
            for back in refund.vouchers
        ),
        barcode=refund.receipt_number if store.receipt_barcode else None,
        footer=(),
    )


def _vouchers_left(order: Order) -> tuple[Amount, ...]:
    """Tell what is left on vouchers; of one whose remainder is lost there is nothing to tell."""
    names = {promotion.gate.coupon: promotion.title for promotion in order.vouchers}
    return tuple(
        Amount(
            label=messages.text(order.language, "receipt.voucher_left", name=names[use.campaign]),
            amount=amount_text(use.voucher.left_minor, order.currency, order.language),
        )
        for use in order.coupons
        if use.voucher is not None and use.voucher.stays
    )


def _each(language: Language, quantity: int, price: str) -> str | None:
    return messages.text(language, "receipt.each", quantity=quantity, price=price) if quantity > 1 else None


def _rounding(minor: int, currency: str, language: Language) -> tuple[Amount, ...]:
    if minor == 0:
        return ()
    label = messages.text(language, "receipt.rounding")
    return (Amount(label=label, amount=amount_text(minor, currency, language)),)


def _payment(tender: Tender, currency: str, language: Language) -> tuple[Amount, ...]:
    def row(label: str, minor: int) -> Amount:
        return Amount(label=label, amount=amount_text(minor, currency, language))

    if isinstance(tender, CardTender):
        reference = messages.text(language, "receipt.card_reference", reference=tender.reference)
        return (
            row(messages.text(language, "receipt.card"), tender.amount_minor),
            Amount(label=reference, amount=""),
        )
    rows: tuple[Amount, ...] = (row(messages.text(language, "receipt.cash"), tender.tendered_minor),)
    if tender.change_minor:
        rows += (row(messages.text(language, "receipt.change"), tender.change_minor),)
    return rows


def _taxes(taxes: Sequence[TaxTotal], currency: str, language: Language) -> tuple[TaxRow, ...]:
    return tuple(
        TaxRow(
            rate=rate_text(row.rate_bp, language),
            net=amount_text(row.net_minor, currency, language),
            tax=amount_text(row.tax_minor, currency, language),
            gross=amount_text(row.gross_minor, currency, language),
        )
        for row in taxes
    )
