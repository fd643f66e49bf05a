"""What barcodes say: decoding a text, and the key under which a shop finds the product."""

from shared.barcodes.check_digits import check_digit
from shared.barcodes.damage import DamagedBarcode
from shared.barcodes.decode import Barcode, Numbering, decode
from shared.barcodes.product_code import TEXT_MAX, NamesNoProduct, ProductCode, read

__all__ = [
    "TEXT_MAX",
    "Barcode",
    "DamagedBarcode",
    "NamesNoProduct",
    "Numbering",
    "ProductCode",
    "check_digit",
    "decode",
    "read",
]
