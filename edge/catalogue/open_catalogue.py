"""The open catalogue: looking up what was scanned, and keeping up with head office."""

import asyncio
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import structlog

from edge.catalogue import storage
from edge.catalogue.freshness import KEPT_EVERY, Freshness
from edge.catalogue.memory import Memory
from edge.catalogue.models import (
    AmbiguousBarcode,
    CatalogueNotKept,
    DamagedCatalogue,
    NoPrice,
    NoTaxRate,
    NotByWeightYet,
    StoreNotReady,
    UnknownBarcode,
)
from edge.catalogue.unpacking import unpack
from shared import barcodes
from shared.errors import NotFound
from shared.model.product import Offer
from shared.model.quota import Lease
from shared.model.special import Campaign, DonationCampaign, Lottery, LotteryBlock
from shared.model.store import Store
from shared.promotions.pack import Pack
from shared.protocol.catalogue_file import SPECIALS
from shared.protocol.feed import FeedRow
from shared.protocol.neighbours import Neighbour
from shared.protocol.snapshot import Manifest
from shared.retailers import retailer

log = structlog.get_logger()

FILE = "catalogue.db"


class Catalogue:
    """The open catalogue. Settings, promotions and coupons are kept in memory; they change only through `apply`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._connection = storage.connect(self.path)
        except DamagedCatalogue:
            log.warning("catalogue_damaged", hint="It is fetched again from head office.")
            storage.discard(self.path)
            self._connection = storage.connect(self.path)
        self._is_only_read = False  # the disk had no room for more; whoever writes opens it anew
        with suppress(CatalogueNotKept):
            storage.discard(self.fresh)  # what a power cut left of one takes room that sales need
        # Files are opened by name: nobody may do so while one is put in another's place.
        self._opening = asyncio.Lock()
        self._unread: set[str] = set()  # kinds that changed since they were read into memory
        self.freshness: Freshness | None = None  # None: head office never said that this is its newest
        self._kept_freshness: Freshness | None = None
        self.lacks_rows = False  # an older version passed over what this one may know
        try:
            with storage.reading():
                self.lacks_rows = storage.lacks_rows(self._connection)
            self._hold(Memory.read(self._connection))
            with storage.reading():
                self.freshness = self._kept_freshness = storage.freshness(self._connection)
        except DamagedCatalogue as error:
            log.warning("catalogue_unreadable", error=str(error))  # not ready until head office sends another
            self._hold(Memory())
            self._unread = {"setting"}

    def _hold(self, memory: Memory) -> None:
        """Let what was read be what holds from now on."""
        self._memory = memory
        self.pack: Pack = memory.pack
        self.left_out: dict[str, str] = dict(memory.left_out)
        self.campaigns: dict[str, Campaign] = memory.campaigns
        self.leases: dict[str, Lease] = memory.leases
        self.donations: dict[str, DonationCampaign] = memory.donations
        self.lotteries: dict[str, Lottery] = memory.lotteries
        self.lottery_blocks: dict[str, LotteryBlock] = memory.lottery_blocks
        self.neighbours: dict[str, Neighbour] = memory.neighbours  # all nodes of the store, this one too, by id

    def close(self) -> None:
        self._connection.close()

    @property
    def is_ready(self) -> bool:
        """Whether the store's settings have arrived, without which nothing can be sold."""
        return self._memory.store is not None

    @property
    def store(self) -> Store:
        """The store that this node serves. Raises StoreNotReady."""
        if self._memory.store is None:
            raise StoreNotReady
        return self._memory.store

    @property
    def memory_lags(self) -> bool:
        """Whether the file holds more than could be read; the next `apply` reads it, be the page as empty as it may."""
        return bool(self._unread)

    @property
    def cursor(self) -> int:
        with storage.reading():
            return storage.cursor(self._connection)

    @property
    def head(self) -> str | None:
        """What head office's chain of all that it published was at the cursor; None when it did not tell."""
        with storage.reading():
            return storage.head(self._connection)

    def scanned(self, text: str, symbology: str | None = None) -> Offer:
        """Return the product that a barcode names, with its price.

        symbology: as the scanner calls it. Raises DamagedBarcode, NamesNoProduct, UnknownBarcode, AmbiguousBarcode,
        NotByWeightYet, NoPrice, NoTaxRate, StoreNotReady.
        """
        store = self.store
        code = barcodes.read(text, retailer(store.retailer), symbology=symbology, currency=store.currency)
        with storage.reading():
            offers = storage.offers_by_code(self._connection, code.key)
        if not offers:
            raise UnknownBarcode(text=text)
        if len(offers) > 1:
            raise AmbiguousBarcode(text=text, names=", ".join(offer.product.name for offer in offers))
        if code.is_measured:  # one unit at the usual price would be a wrong price
            raise NotByWeightYet(name=offers[0].product.name, text=text)
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

    async def apply(
        self,
        rows: Sequence[FeedRow],
        cursor: int,
        freshness: Freshness | None = None,
        *,
        head: str | None = None,
        more: bool = False,
    ) -> None:
        """Apply a page of the feed in one transaction, on a thread of its own.

        freshness: told with the last page. head: of the feed's chain at the cursor. more: another page follows. What is
        kept in memory changes with the last page; so do promotions in the file. Raises CatalogueNotKept,
        DamagedCatalogue.
        """
        async with self._opening:
            self._open_to_write()
            memory = await asyncio.to_thread(self._apply, rows, cursor, head, freshness, more=more)
        if memory is not None:
            self._hold(memory)
        if freshness is not None:
            self.freshness = self._kept_freshness = freshness

    def _apply(
        self, rows: Sequence[FeedRow], cursor: int, head: str | None, freshness: Freshness | None, *, more: bool
    ) -> Memory | None:
        """Apply a page. Returns what is to be held in memory when that changed."""
        with closing(storage.connect(self.path)) as connection:
            self._unread |= storage.apply_page(connection, rows, cursor, head, freshness, more=more)
            if more:
                return None
            memory = None
            if self._unread & {"setting", "promotion"}:
                memory = Memory.read(connection)
            elif self._unread & set(SPECIALS):
                memory = self._memory.with_specials(connection)
            self._unread = set()  # only now: what could not be read has to be read again
            return memory

    async def begin_anew(self) -> None:
        """Let the feed send everything once more; until it has come, what is here holds.

        Raises CatalogueNotKept, DamagedCatalogue.
        """
        async with self._opening:
            self._open_to_write()
            await asyncio.to_thread(storage.begin_anew, self.path)
        self.lacks_rows = False

    async def is_newest(self, freshness: Freshness) -> None:
        """Take note that head office has nothing newer. Raises CatalogueNotKept, DamagedCatalogue."""
        self.freshness = freshness
        if self._kept_freshness is None or abs(freshness.as_of - self._kept_freshness.as_of) >= KEPT_EVERY:
            async with self._opening:
                self._open_to_write()
                await asyncio.to_thread(storage.keep_freshness, self.path, freshness)
            self._kept_freshness = freshness

    @property
    def fresh(self) -> Path:
        """Where a file must lie that shall take the catalogue's place."""
        return self.path.with_suffix(".new")

    async def discard_fresh(self) -> None:
        """Give back the room of what lies there. Raises CatalogueNotKept."""
        await asyncio.to_thread(storage.discard, self.fresh)

    async def take(self, packed: Path, manifest: Manifest, freshness: Freshness) -> None:
        """Unpack a whole catalogue and let it hold. Raises as `swap`."""
        await self.discard_fresh()
        await asyncio.to_thread(unpack, packed, self.fresh, manifest)
        await self.swap(freshness)

    async def swap(self, freshness: Freshness | None = None) -> None:
        """Put the whole catalogue that lies at `fresh` in the place of the present one, while selling goes on.

        Raises DamagedCatalogue when it is not a whole catalogue, CatalogueNotKept; the present one stays.
        """
        try:
            memory = await asyncio.to_thread(self._prepare, freshness)
        except (DamagedCatalogue, CatalogueNotKept):
            with suppress(CatalogueNotKept):  # a disk that refuses is asked again with the next attempt
                await asyncio.to_thread(storage.discard, self.fresh)
            raise
        async with self._opening:
            # Closing comes first: SQLite removes the write-ahead log by name, and must not find the new file's.
            self._connection.close()
            try:
                storage.replace(self.path, self.fresh)
            except OSError as error:
                raise CatalogueNotKept(problem=str(error)) from error
            finally:
                self._open_after_swap()
        self._unread = set()
        self.lacks_rows = False
        self._hold(memory)
        self.freshness = self._kept_freshness = freshness

    def _open_after_swap(self) -> None:
        """Open the file in any case: only to read it, where there is no room for what SQLite keeps beside it."""
        try:
            self._connection = storage.connect(self.path)
        except CatalogueNotKept as error:
            log.warning("catalogue_only_read", error=str(error))
            self._connection = storage.connect_to_read(self.path)
            self._is_only_read = True
        else:
            self._is_only_read = False

    def _open_to_write(self) -> None:
        """Let what is written be seen. Raises CatalogueNotKept while the disk has no room for it."""
        if self._is_only_read:
            connection = storage.connect(self.path)
            self._connection.close()
            self._connection, self._is_only_read = connection, False

    def _prepare(self, freshness: Freshness | None) -> Memory:
        storage.prepare(self.fresh, freshness)
        with closing(storage.connect(self.fresh)) as connection:
            return Memory.read(connection)

    def _sellable(self, offer: Offer) -> Offer:
        product = offer.product
        if offer.price_minor is None:
            raise NoPrice(name=product.name, sku=product.sku)
        if product.tax_class not in self.store.tax_rates_bp:
            raise NoTaxRate(name=product.name, sku=product.sku, tax_class=product.tax_class)
        return offer
