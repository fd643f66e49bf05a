"""What may differ from one store type to another."""

from dataclasses import dataclass

from shared.model.variable_measure import IN_STORE_PREFIXES, VariableMeasureRule


@dataclass(frozen=True, slots=True)
class Retailer:
    """One store type's own ways."""

    id: str
    in_store_prefixes: frozenset[str] = IN_STORE_PREFIXES
    """First two digits of the EAN-13 numbers that the shop gives out itself; they mean nothing elsewhere."""
    variable_measure: tuple[VariableMeasureRule, ...] = ()
    """Which of those numbers are labels of its scales, with a weight, price or count in them; the first that fits."""
    has_upc_e: bool = False
    """Whether eight digits may be a UPC-E though no scanner says so, as in North America; else they are an EAN-8."""
    receipt_footer: tuple[str, ...] = ()
    """Lines at the end of each receipt, in the shop's own words."""
