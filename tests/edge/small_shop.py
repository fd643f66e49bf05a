"""A small real shop for tests: real storage, a real catalogue and real doors, but no head office and no devices."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from edge import app
from edge.catalogue.open_catalogue import Catalogue
from edge.checkout.gateway import PaymentGateway, UsesOffice, UsesUncounted
from edge.config import Config
from edge.fleet import service as fleet
from edge.shop import Shop
from shared import barcodes
from shared.api.serving import serving
from shared.protocol.enrolment import Enrolled
from shared.protocol.feed import FeedRow
from shared.protocol.payments import PaymentRequest, PaymentResult
from shared.protocol.snapshot import public_half
from shared.protocol.uses import Reservation, ReservationRequest
from shared.retailers import retailer

ATTENDANT_KEY = "sw_attendant_for_tests"
STAFF = {"Authorization": f"Bearer {ATTENDANT_KEY}"}
NODE_ID, TENANT_ID, STORE_ID, UNKNOWN_ID = (f"0190a000-0000-7000-8000-00000000000{digit}" for digit in "1239")
SIGNING_KEY = b"head office's key for the tests!"  # the private half
NODE = Enrolled(
    node_id=NODE_ID,
    node_name="kiosk",
    tenant_id=TENANT_ID,
    store_id=STORE_ID,
    series="T1K1",
    signing_key=public_half(SIGNING_KEY),
)
STORE: dict[str, Any] = {
    "id": STORE_ID,
    "code": "T1",
    "name": "Corner shop",
    "country": "GB",
    "currency": "GBP",
    "timezone": "Europe/London",
    "tax_rates_bp": {"standard": 2000, "zero": 0},
}
BARCODES = {
    "milk": "5000128104517",
    "tea": "4006381333931",
    "mug": "2000000000015",
    "vase": "4012345678901",
    "oil": "73513537",
    "soap": "036000291452",
    "crate": "15400141288763",
    "bag": "SHELF-7",
    "knife": "9780201379624",
    "twin": "96385074",
}
MUGS = {
    "id": "P1",
    "name": "Mugs: 3 for 2",
    "family": "line_special",
    "target": {"skus": ["mug"]},
    "n": 3,
    "m": 1,
    "reward": {"kind": "percent", "value": 10000},
}
DRINKS = {
    "id": "P2",
    "name": "10 % off drinks",
    "family": "easy",
    "target": {"categories": ["drinks"]},
    "reward": {"kind": "percent", "value": 1000},
}

Thing = tuple[str, str, dict[str, Any] | None]  # kind, key, body; None when it is gone


def product(sku: str, name: str, barcode: str = "", tax_class: str = "standard", category: str | None = None) -> Thing:
    codes = [barcodes.read(barcode, retailer("plain")).key] if barcode else []
    body = {"sku": sku, "name": name, "barcodes": codes, "tax_class": tax_class, "category": category}
    return "product", sku, body


def price(sku: str, minor: int | None) -> Thing:
    return "price", sku, None if minor is None else {"sku": sku, "price_minor": minor}


def promotion(body: dict[str, Any]) -> Thing:
    return "promotion", body["id"], body


def setting(**changes: Any) -> Thing:
    return "setting", "store", {**STORE, **changes}


def assortment() -> list[Thing]:
    """Return everything that the small shop sells, or fails to sell."""
    return [
        setting(),
        product("milk", "Milk 1 l", BARCODES["milk"], "zero", "dairy"),
        product("tea", "Black tea", BARCODES["tea"], category="drinks"),
        product("mug", "Mug", BARCODES["mug"]),
        product("oil", "Olive oil", BARCODES["oil"], "zero"),
        product("soap", "Soap", BARCODES["soap"]),
        product("crate", "Crate of soap", BARCODES["crate"]),
        product("bag", "Bag", BARCODES["bag"]),
        product("vase", "Priceless vase", BARCODES["vase"]),
        product("knife", "Silver knife", BARCODES["knife"], "luxury"),
        product("twin-a", "Twin A", BARCODES["twin"]),
        product("twin-b", "Twin B", BARCODES["twin"]),
        *(price(sku, minor) for sku, minor in PRICES.items()),
        promotion(MUGS),
        promotion(DRINKS),
    ]


PRICES = {
    "milk": 115, "tea": 349, "mug": 500, "oil": 899, "soap": 199, "crate": 2_000, "bag": 0, "knife": 9_900,
    "twin-a": 100, "twin-b": 200,
}  # fmt: skip


def feed_rows(things: list[Thing], newer_than: int = 0) -> list[FeedRow]:
    return [
        FeedRow(version=version, kind=kind, key=key, body=body, gone=body is None)
        for version, (kind, key, body) in enumerate(things, start=newer_than + 1)
    ]


async def publish(catalogue: Catalogue, *things: Thing) -> None:
    """Bring things down the feed, as head office would."""
    rows = feed_rows(list(things), catalogue.cursor)
    await catalogue.apply(rows, rows[-1].version)


async def snapshot_of(folder: Path, things: list[Thing]) -> bytes:
    """Return a whole catalogue as a file's content."""
    with closing(Catalogue(folder)) as catalogue:
        await publish(catalogue, *things)
    return (folder / "catalogue.db").read_bytes()


async def swap_in(catalogue: Catalogue, content: bytes) -> None:
    """Put a whole catalogue in the place of the present one."""
    catalogue.fresh.write_bytes(content)
    await catalogue.swap()


@dataclass(slots=True)
class HandClock:
    """A clock that stands still until a test moves it."""

    at: datetime = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    passed_s: float = field(default=0.0, init=False)

    def now(self) -> datetime:
        return self.at + timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return self.passed_s


@dataclass(slots=True)
class TestGateway:
    """A gateway on the table: it charges what it is asked and answers, or fails, as it was told to."""

    __test__ = False

    ends_with: list[str | Exception] = field(default_factory=list)  # states or errors, one for each charge
    charged: list[PaymentRequest] = field(default_factory=list)

    async def charge(self, payment: PaymentRequest) -> PaymentResult:
        self.charged.append(payment)
        end = self.ends_with.pop(0) if self.ends_with else "approved"
        if isinstance(end, Exception):
            raise end
        return PaymentResult.model_validate({"id": payment.id, "state": end, "reference": "GW-1"})

    async def void(self, payment_id: str) -> None:
        raise AssertionError("taking back is not the checkout's work")


class AwayOffice:
    """A head office that is never there."""

    async def reserve(self, request: ReservationRequest) -> Reservation:
        raise UsesUncounted


def settings(**changes: Any) -> Config:
    return Config.model_validate(
        {
            "http": {"port": 0},
            "broker": {"port": 0},
            "head_office": {"url": "http://127.0.0.1:9", "push_every_s": 0.1, "pull_every_s": 0.1},
            "attendant_key": ATTENDANT_KEY,
            **changes,
        }
    )


@asynccontextmanager
async def open_small_shop(folder: Path, clock: HandClock | None = None, **changes: Any) -> AsyncIterator[Shop]:
    """Open a shop with its assortment; a folder that has been a shop before goes on as it was left."""
    is_new = not (folder / "sales.db").exists()
    if is_new:
        async with app.open_database(folder) as db:
            await db.transact(fleet.key_for_enrolment)
            await db.transact(fleet.enrol, NODE)
    async with app.open_shop(settings(**changes), folder, clock or HandClock()) as shop:
        if is_new:
            await publish(shop.catalogue, *assortment())
        yield shop


@dataclass(slots=True)
class Till:
    """A screen's way into the shop."""

    shop: Shop
    gateway: TestGateway
    url: str
    http: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Knock at a door. Returns status and answer."""
        options = {} if body is None else {"json": body}
        async with self.http.request(method, self.url + path, headers=headers, **options) as response:
            return response.status, await response.json(content_type=None)

    async def scan(self, sku: str, **headers: str) -> tuple[int, Any]:
        return await self.call("POST", "/api/lanes/kiosk/scans", {"code": BARCODES[sku]}, **headers)

    async def fill(self, *skus: str) -> dict[str, Any]:
        """Scan products one after the other; returns the basket."""
        for sku in skus:
            status, basket = await self.scan(sku)
            assert status == 200, basket
        return basket

    async def pay(self, basket_id: str, tendered_minor: int = 100_000) -> tuple[int, Any]:
        tender = {"kind": "cash", "tendered_minor": tendered_minor}
        return await self.call("POST", f"/api/baskets/{basket_id}/checkout", {"tender": tender})

    async def pay_by_card(self, basket_id: str) -> tuple[int, Any]:
        tender = {"kind": "card", "card": "test-approved"}
        return await self.call("POST", f"/api/baskets/{basket_id}/checkout", {"tender": tender})

    async def sell(self, *skus: str) -> dict[str, Any]:
        """Scan and pay cash; returns the whole order."""
        basket = await self.fill(*skus)
        status, paid = await self.pay(basket["id"])
        assert status == 200, paid
        return (await self.call("GET", f"/api/orders/{paid['id']}"))[1]

    async def lane(self) -> dict[str, Any]:
        return (await self.call("GET", "/api/lanes/kiosk"))[1]


@asynccontextmanager
async def open_till(
    shop: Shop, gateway: PaymentGateway | None = None, coupons: UsesOffice | None = None
) -> AsyncIterator[Till]:
    """Open a shop's doors; nobody counts its coupons if nobody is named."""
    at_hand: Any = gateway or TestGateway()
    async with (
        serving(app.web_application(shop, at_hand, coupons or AwayOffice()), "127.0.0.1", 0) as url,
        aiohttp.ClientSession() as http,
    ):
        yield Till(shop, at_hand, url, http)


def numbered(count: int, prefix: str = "p") -> Iterator[str]:
    """Yield names that sort as they are counted."""
    return (f"{prefix}{number:04d}" for number in range(1, count + 1))
