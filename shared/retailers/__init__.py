"""Store types and their own ways: one retailer, one file; the files found here are the list.

A file defines `RETAILER`. What differs between retailers is a field of `Retailer`, never an `if`.
"""

import importlib
import pkgutil
from functools import cache

from shared.errors import NotFound
from shared.retailers.retailer import Retailer


@cache
def all_retailers() -> dict[str, Retailer]:
    """Return every retailer by its id."""
    found = [
        importlib.import_module(f"{__name__}.{module.name}").RETAILER
        for module in pkgutil.iter_modules(__path__)
        if module.name != "retailer"
    ]
    return {retailer.id: retailer for retailer in found}


def retailer(retailer_id: str) -> Retailer:
    """Return one retailer. Raises NotFound."""
    try:
        return all_retailers()[retailer_id]
    except KeyError:
        raise NotFound(kind="retailer", retailer=retailer_id, known=sorted(all_retailers())) from None
