"""The gift shop of the demo: its own numbers begin with 20."""

from shared.retailers.retailer import Retailer

RETAILER = Retailer(
    id="gift_shop",
    in_store_prefixes=frozenset({"20"}),
    receipt_footer=("Gifts may be returned within 30 days", "with this receipt."),
)
