"""A shop without ways of its own; every new store starts as this."""

from shared.retailers.retailer import Retailer

RETAILER = Retailer(id="plain")
