"""The demo's real products, baskets and promotions, as shipped beside this module."""

import gzip
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Sale:
    """What one customer bought at once. A product may come twice, just as it was scanned twice."""

    invoice: str
    customer: str | None  # a number that names the customer across baskets; None for a walk-in
    lines: tuple[tuple[str, int], ...]  # stock code, units >= 1


@dataclass(frozen=True, slots=True)
class Return:
    """What came back. Units are positive."""

    invoice: str
    refund_of: str | None  # the sale's invoice, earlier in the same list; None when the original is unknown
    lines: tuple[tuple[str, int], ...]  # stock code, units >= 1


def read_baskets() -> list[Sale | Return]:
    """Return all baskets in the order of time."""
    return [_basket(json.loads(line)) for line in gzip.decompress(_read("baskets.jsonl.gz")).splitlines()]


def products_csv() -> bytes:
    """Return the catalogue in UTF-8; its columns are told in `data/README.md`."""
    return _read("products.csv")


def promotions() -> list[dict[str, Any]]:
    """Return promotions in the form that head office takes."""
    found: list[dict[str, Any]] = json.loads(_read("promotions.json"))
    return found


def _basket(fields: dict[str, Any]) -> Sale | Return:
    lines = tuple((sku, units) for sku, units in fields["lines"])
    if "refund_of" in fields:
        return Return(fields["invoice"], fields["refund_of"], lines)
    return Sale(fields["invoice"], fields["customer"], lines)


def _read(name: str) -> bytes:
    return files("edge.demo").joinpath("data", name).read_bytes()
