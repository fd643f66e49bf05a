"""The open catalogue: looking up what was scanned, and keeping up with head office."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from edge.catalogue import storage
from edge.catalogue.models import AmbiguousBarcode, DamagedCatalogue, NoPrice, NoTaxRate, StoreNotReady, UnknownBarcode
from shared import barcodes
from shared.errors import NotFound
from shared.model.product import Offer
from shared.model.store import Store
from shared.promotions import pack
from shared.promotions.pack import BadPromotion, Pack
from shared.protocol.feed import FeedRow
from shared.retailers import retailer

log = structlog.get_logger()

FILE = "catalogue.db"


class Catalogue:
    """The open catalogue. Store settings and promotions are kept in memory; they change only through `apply`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._connection = storage.connect(self.path)
        except DamagedCatalogue:
            log.warning("catalogue_damaged", hint="It is fetched again from head office.")
            storage.discard(self.path)
            self._connection = storage.connect(self.path)
        # Files are opened by name: nobody may do so while one is put in another's place.
        self._opening = asyncio.Lock()
        self._store: Store | None = None
        self.pack: Pack = pack.EMPTY
        try:
            self._read_memory()
        except DamagedCatalogue as error:
            log.warning("catalogue_unreadable", error=str(error))  # not ready until head office sends another

    def close(self) -> None:
        self._connection.close()

    @property
    def is_ready(self) -> bool:
        """Whether the store's settings have arrived, without which nothing can be sold."""
        return self._store is not None

    @property
    def store(self) -> Store:
        """The store that this node serves. Raises StoreNotReady."""
        if self._store is None:
            raise StoreNotReady
        return self._store

    @property
    def cursor(self) -> int:
        with storage.reading():
            return storage.cursor(self._connection)

    def scanned(self, text: str) -> Offer:
        """Return the product that a barcode names, with its price.

        Raises DamagedBarcode, UnknownBarcode, AmbiguousBarcode, NoPrice, NoTaxRate, StoreNotReady.
        """
        code = barcodes.read(text, retailer(self.store.retailer))
        with storage.reading():
            offers = storage.offers_by_code(self._connection, code.key)
        if not offers:
            raise UnknownBarcode(text=text)
        if len(offers) > 1:
            raise AmbiguousBarcode(text=text, names=", ".join(offer.product.name for offer in offers))
        return self._sellable(offers[0])

    def picked(self, sku: str) -> Offer:
        """Return the product of a sku. Raises NotFound, NoPrice, NoTaxRate, StoreNotReady."""
        if not self.is_ready:
            raise StoreNotReady
        with storage.reading():
            offer = storage.offer(self._connection, sku)
        if offer is None:
            raise NotFound(kind="product", sku=sku)
        return self._sellable(offer)

    async def search(self, text: str, after: tuple[str, str], limit: int) -> list[Offer]:
        """Return up to `limit` products whose name or sku holds every word of `text`, by name, from behind `after`."""

        async with self._opening:
            return await asyncio.to_thread(storage.search_in, self.path, text.split(), after, limit)

    async def apply(self, rows: Sequence[FeedRow], cursor: int) -> None:
        """Apply a page of the feed in one transaction, on a thread of its own."""

        async with self._opening:
            changed = await asyncio.to_thread(storage.apply_page, self.path, rows, cursor)
        if changed & {"setting", "promotion"}:
            self._read_memory()

    async def swap(self, snapshot: bytes) -> None:
        """Put a whole catalogue in the place of the present one, while selling goes on.

        Raises DamagedCatalogue when the snapshot is not a whole catalogue; the present one stays.
        """
        fresh = await asyncio.to_thread(storage.prepare, self.path, snapshot)
        async with self._opening:
            # Closing comes first: SQLite removes the write-ahead log by name, and must not find the new file's.
            self._connection.close()
            try:
                storage.replace(self.path, fresh)
            finally:
                self._connection = storage.connect(self.path)
        self._read_memory()

    def _read_memory(self) -> None:
        with storage.reading():
            self._store = storage.store(self._connection)
            texts = storage.promotions(self._connection)
        good = []
        for text in texts:
            try:
                good.append(pack.parse(text))
            except BadPromotion as error:
                log.warning("promotion_left_out", promotion=error.facts["promotion"], problem=error.facts["problem"])
        self.pack = Pack.of(good)

    def _sellable(self, offer: Offer) -> Offer:
        product = offer.product
        if offer.price_minor is None:
            raise NoPrice(name=product.name, sku=product.sku)
        if product.tax_class not in self.store.tax_rates_bp:
            raise NoTaxRate(name=product.name, sku=product.sku, tax_class=product.tax_class)
        return offer
