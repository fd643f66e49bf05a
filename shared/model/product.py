"""What can be sold, and for how much."""

from shared.model.strict import Code, MinorFromZero, Name, Strict, Tolerant


class Product(Tolerant):
    """One article as head office describes it. `sku` names it within a tenant."""

    sku: Code
    name: Name
    barcodes: tuple[Code, ...] = ()  # normalised: GTIN-14 digits, or a store's own code as printed
    tax_class: Code = "standard"
    category: Code | None = None
    brand: Name | None = None
    tags: tuple[Code, ...] = ()
    discountable: bool = True


class Price(Tolerant):
    """What one unit of a product costs in a store, tax included."""

    sku: Code
    price_minor: MinorFromZero
    floor_price_minor: MinorFromZero = 0  # promotions stop here


class Offer(Strict):
    """A product with its price, as the store sells it now. A product without a price cannot be sold."""

    product: Product
    price_minor: MinorFromZero | None
    floor_price_minor: MinorFromZero = 0
