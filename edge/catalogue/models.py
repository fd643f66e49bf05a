"""What can go wrong when something is looked up."""

from shared.errors import Conflict, NotFound, Unavailable


class UnknownBarcode(NotFound):
    """No product here has the barcode {text}."""

    hint = "Try the other barcode on the pack, or pick the product from the list."


class AmbiguousBarcode(Conflict):
    """Several products have the barcode {text}: {names}."""

    hint = "Pick the right one from the list."


class NoPrice(Conflict):
    """{name} has no price and cannot be sold."""

    hint = "Take it to the staff; head office must set a price."


class NotByWeightYet(Conflict):
    """{name} has its weight or price on the label, and cannot be sold by that yet."""

    hint = "Take it to the staff; pieces without such a label are sold as usual."


class NoTaxRate(Conflict):
    """{name} has the tax class {tax_class}, for which this store has no rate."""

    hint = "Take it to the staff; head office must correct the product."


class DamagedCatalogue(Unavailable):
    """The catalogue file of this box cannot be read: {problem}"""

    hint = "It is fetched again from head office by itself."


class CatalogueNotKept(Unavailable):
    """News from head office cannot be kept: {problem}"""

    hint = "Selling goes on with the prices of before. Free space on the data partition; the rest goes by itself."


class StoreNotReady(Unavailable):
    """This box has not received its catalogue yet."""

    hint = "It needs the line to head office once; check the network. It starts selling by itself."
