"""Tax as it stands on an order."""

from shared.model.strict import BasisPoints, Code, Minor, Strict

TAX_CLASSES_MAX = 100  # of a store; countries have half a dozen


class TaxTotal(Strict):
    """One row of the tax table: everything on an order that bears one rate. gross = net + tax, exactly."""

    tax_class: Code
    rate_bp: BasisPoints
    gross_minor: Minor
    net_minor: Minor
    tax_minor: Minor
