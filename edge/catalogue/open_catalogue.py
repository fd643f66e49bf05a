"""The open catalogue: looking up what was scanned, and keeping up with head office."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from edge.catalogue import storage
from edge.catalogue.models import (
    AmbiguousBarcode,
    DamagedCatalogue,
    NoPrice,
    NoTaxRate,
    NotByWeightYet,
    StoreNotReady,
    UnknownBarcode,
)
from shared import barcodes
from shared.errors import NotFound
from shared.model.product import Offer
from shared.model.quota import Lease
from shared.model.special import MADE, Campaign, DonationCampaign, Lottery, LotteryBlock
from shared.model.store import Store
from shared.promotions import pack
from shared.promotions.families import Promotion
from shared.promotions.pack import BadPromotion, Pack
from shared.protocol.catalogue_file import SPECIALS
from shared.protocol.feed import FeedRow
from shared.protocol.neighbours import Neighbour
from shared.retailers import retailer

log = structlog.get_logger()

FILE = "catalogue.db"

Special = TypeVar("Special", bound=BaseModel)


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
        # Files are opened by name: nobody may do so while one is put in another's place.
        self._opening = asyncio.Lock()
        self._store: Store | None = None
        self.pack: Pack = pack.EMPTY
        self.left_out: dict[str, str] = {}  # promotions that cannot be read, with the reason
        self._unread: set[str] = set()  # kinds that changed since they were read into memory
        self.campaigns: dict[str, Campaign] = {}
        self.leases: dict[str, Lease] = {}  # by quota
        self.donations: dict[str, DonationCampaign] = {}
        self.lotteries: dict[str, Lottery] = {}
        self.lottery_blocks: dict[str, LotteryBlock] = {}
        self.neighbours: dict[str, Neighbour] = {}  # all nodes of the store, this one too, by id
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

    async def apply(self, rows: Sequence[FeedRow], cursor: int, *, more: bool = False) -> None:
        """Apply a page of the feed in one transaction, on a thread of its own.

        more: another page follows. What is kept in memory changes with the last page; so do promotions in the file.
        """
        async with self._opening:
            self._unread |= await asyncio.to_thread(storage.apply_page, self.path, rows, cursor, more=more)
        if more:
            return
        changed, self._unread = self._unread, set()
        if changed & {"setting", "promotion"}:
            self._read_memory()
        elif changed & set(SPECIALS):
            self._read_specials()

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
        good, left_out = [], {}
        for promotion_id, text in texts.items():
            try:
                good.append(_usable(text))
            except BadPromotion as error:
                left_out[promotion_id] = str(error.facts["problem"])
                log.warning("promotion_left_out", promotion=promotion_id, problem=error.facts["problem"])
        self.pack, self.left_out = Pack.of(good), left_out
        self._read_specials()

    def _read_specials(self) -> None:
        with storage.reading():
            bodies = {kind: storage.specials(self._connection, kind) for kind in SPECIALS}
        self.campaigns = _readable(Campaign, bodies["coupon"])
        self.leases = _readable(Lease, bodies["lease"])
        self.donations = _readable(DonationCampaign, bodies["donation"])
        self.lotteries = _readable(Lottery, bodies["lottery"])
        self.lottery_blocks = _readable(LotteryBlock, bodies["lottery_block"])
        self.neighbours = _readable(Neighbour, bodies["node"])

    def _sellable(self, offer: Offer) -> Offer:
        product = offer.product
        if offer.price_minor is None:
            raise NoPrice(name=product.name, sku=product.sku)
        if product.tax_class not in self.store.tax_rates_bp:
            raise NoTaxRate(name=product.name, sku=product.sku, tax_class=product.tax_class)
        return offer


def _usable(text: str) -> Promotion:
    """Read a promotion of head office. Raises BadPromotion."""
    promotion = pack.parse(text)
    if promotion.id.startswith(MADE):  # a basket could not tell it from its own
        raise BadPromotion(promotion=promotion.id, problem="id: begins like what is made for one basket")
    return promotion


def _readable(model: type[Special], bodies: Mapping[str, str]) -> dict[str, Special]:
    """Return what this version can read, by key; the rest is left out and everything else goes on."""
    found = {}
    for key, body in bodies.items():
        try:
            found[key] = model.model_validate_json(body)
        except ValidationError as error:
            log.warning("special_left_out", key=key, problem=str(error.errors(include_url=False)[0]))
    return found
