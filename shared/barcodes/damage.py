"""The one error of everything that reads barcodes."""

from shared.errors import Invalid


class DamagedBarcode(Invalid):
    """The barcode was not read correctly: {problem}"""

    hint = "Scan it again; if it still fails, type the number under the bars."
