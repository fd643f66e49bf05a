"""What a shopper is filling; priced afresh at every change."""

from typing import Literal

from pydantic import AwareDatetime

from shared.model.special import NO_SPECIALS, Donation, Specials
from shared.model.strict import Code, Currency, Id, Minor, MinorFromZero, Name, Quantity, Strict
from shared.promotions.evaluation import Evaluation
from shared.promotions.hints import Hint

LINES_MAX = 500  # the longest real basket that we know has 705 rows of 480 products


class BasketLine(Strict):
    """One product in a basket. The price is the one that was shown when it was scanned first."""

    number: int  # 1, 2, 3 … in the order of the first scan; never reused in a basket
    sku: Code
    name: Name
    quantity: Quantity
    unit_price_minor: MinorFromZero
    tax_class: Code
    floor_price_minor: MinorFromZero = 0  # no promotion makes a unit cheaper
    category: Code | None = None
    brand: Name | None = None
    tags: tuple[Code, ...] = ()
    discountable: bool = True

    @property
    def gross_minor(self) -> int:
        return self.quantity * self.unit_price_minor


class Basket(Strict):
    """A basket with its present price. `version` counts its changes, so a screen knows which picture is newer."""

    id: Id
    lane: Code  # where it is being filled: a kiosk's name
    state: Literal["open", "paying", "completed", "abandoned", "parked", "moved"]  # parked: waits for another lane
    version: int
    currency: Currency
    opened_at: AwareDatetime
    lines: tuple[BasketLine, ...]
    specials: Specials = NO_SPECIALS
    pack_version: Code  # of the store's promotions that it is priced with, besides its own
    evaluation: Evaluation
    hints: tuple[Hint, ...] = ()  # of open ones

    @property
    def gross_minor(self) -> int:
        return sum(line.gross_minor for line in self.lines)

    @property
    def total_minor(self) -> Minor:
        """What the goods cost, after promotions."""
        return self.gross_minor - self.evaluation.discount_minor

    @property
    def donation(self) -> Donation | None:
        choice = self.specials.donation
        return choice.of(self.total_minor) if choice and self.lines else None

    @property
    def due_minor(self) -> Minor:
        """What is to be paid: the goods and the donation."""
        return self.total_minor + (self.donation.minor if self.donation else 0)
