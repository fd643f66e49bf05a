"""What a screen shows of a basket, and what can go wrong with one."""

from shared.currencies import cash_rule
from shared.errors import Conflict, Invalid, NotFound
from shared.model.basket import LINES_MAX, Basket, BasketLine
from shared.model.strict import QUANTITY_MAX, Strict


class UnknownBasket(NotFound):
    """There is no such basket, or it was finished long ago."""

    hint = "Scan a product to begin a new one."


class BasketIsBeingPaid(Conflict):
    """The basket is being paid and cannot change now."""

    hint = "Wait for the payment to end, or cancel it."


class BasketIsClosed(Conflict):
    """The basket is finished and cannot change any more."""

    hint = "Scan a product to begin a new one."


class BasketFull(Conflict):
    """The basket has {lines} different products, which is all it can hold."""

    hint = f"Pay these {LINES_MAX} first and begin another basket."


class QuantityOutOfRange(Invalid):
    """{quantity} pieces of one product are more than a basket takes."""

    hint = f"The most is {QUANTITY_MAX}; ask the staff for more."


class AppliedView(Strict):
    """A promotion's effect on a line."""

    name: str
    discount_minor: int


class LineView(Strict):
    """One line with its price after promotions."""

    number: int
    sku: str
    name: str
    quantity: int
    unit_price_minor: int
    gross_minor: int
    discount_minor: int
    total_minor: int
    promotions: tuple[AppliedView, ...]


class BasketView(Strict):
    """A basket as a screen shows it, in the order of the first scans."""

    id: str
    state: str
    version: int
    currency: str
    lines: tuple[LineView, ...]
    quantity: int
    gross_minor: int
    discount_minor: int
    total_minor: int
    cash_total_minor: int  # after cash rounding


def view(basket: Basket, country: str) -> BasketView:
    """Return what a screen shows. country: the store's, whose coins decide how cash is rounded."""
    return BasketView(
        id=basket.id,
        state=basket.state,
        version=basket.version,
        currency=basket.currency,
        lines=tuple(_line(basket, line) for line in basket.lines),
        quantity=sum(line.quantity for line in basket.lines),
        gross_minor=basket.gross_minor,
        discount_minor=basket.evaluation.discount_minor,
        total_minor=basket.total_minor,
        cash_total_minor=cash_rule(country, basket.currency).payable_minor(basket.total_minor),
    )


def _line(basket: Basket, line: BasketLine) -> LineView:
    uses = basket.applications(line.number)
    discount_minor = sum(use.discount_minor for use in uses)
    return LineView(
        number=line.number,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        gross_minor=line.gross_minor,
        discount_minor=discount_minor,
        total_minor=line.gross_minor - discount_minor,
        promotions=tuple(AppliedView(name=use.name, discount_minor=use.discount_minor) for use in uses),
    )
