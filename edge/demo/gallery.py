"""The demo's own doors: a page with the last receipts as they came out of the virtual printer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from devices.printers.picture import Drawer
from devices.printers.printed import PrintedReceipt
from devices.printers.simulated import VirtualPrinter
from shared.api.live import HEARTBEAT_S, stream
from shared.api.pages import ASSET_HEADERS, PAGE_HEADERS
from shared.api.problems import answer_errors
from shared.api.routes import Routes, install
from shared.errors import NotFound
from shared.model.strict import Code, Count, Strict

SHOWN_MAX = 30  # the newest receipts: what a counter's pin would hold
LOOK_EVERY_S = 0.25
FILES = Path(__file__).parent / "data"
PAGES = {"page": FILES / "receipts.html", "script": FILES / "receipts.js", "style": FILES / "receipts.css"}

routes = Routes("demo")


class Picture(Strict):
    """One receipt on the page. id: names its content, so that a picture may be kept for ever."""

    id: Code
    number: Count  # counted from the first one that was printed
    text: str  # for those who do not see the picture
    is_copy: bool


class Pictures(Strict):
    """What the page shows."""

    printed: Count
    receipts: tuple[Picture, ...]  # newest first


@dataclass(slots=True)
class Gallery:
    """Draws the receipts of a printer when somebody looks at them, and keeps the newest pictures."""

    printer: VirtualPrinter
    _drawer: Drawer = field(default_factory=Drawer, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _drawn: dict[str, bytes] = field(default_factory=dict, init=False)

    def pictures(self) -> Pictures:
        receipts = self.printer.receipts
        newest = list(enumerate(receipts, start=1))[-SHOWN_MAX:]
        return Pictures(
            printed=len(receipts),
            receipts=tuple(
                Picture(id=name_of(receipt), number=number, text=told(receipt), is_copy="COPY" in receipt.text)
                for number, receipt in reversed(newest)
            ),
        )

    async def png(self, name: str) -> bytes:
        """Return the picture of that name. Raises NotFound when it is none of the newest."""
        receipt = next((each for each in self.printer.receipts[-SHOWN_MAX:] if name_of(each) == name), None)
        if receipt is None:
            raise NotFound(kind="receipt", name=name)
        async with self._turn:
            if name not in self._drawn:
                if len(self._drawn) >= SHOWN_MAX:
                    del self._drawn[next(iter(self._drawn))]  # the oldest
                self._drawn[name] = await asyncio.to_thread(self._drawer.png, receipt)
            return self._drawn[name]

    async def states(self) -> AsyncIterator[Pictures]:
        """Yield what the page shows now, whenever it changes, and as a heartbeat."""
        loop = asyncio.get_running_loop()
        told_s, shown = loop.time(), self.pictures()
        yield shown
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            is_new = len(self.printer.receipts) != shown.printed
            if is_new or loop.time() - told_s >= HEARTBEAT_S:
                told_s, shown = loop.time(), self.pictures()
                yield shown


GALLERY = web.AppKey("gallery", Gallery)


def name_of(receipt: PrintedReceipt) -> str:
    return sha256(receipt.raw).hexdigest()[:16]


def told(receipt: PrintedReceipt) -> str:
    """Return a receipt in words, its codes too."""
    codes = [f"Barcode: {text}" for text in receipt.barcodes] + [f"QR code: {text}" for text in receipt.qrs]
    return "\n".join([receipt.text, *codes])


def web_application(printer: VirtualPrinter) -> web.Application:
    """Build the page and its doors."""
    app = web.Application(middlewares=[answer_errors])
    app[GALLERY] = Gallery(printer)
    install(app, routes.routes)
    return app


@routes.get("/", summary="The way to the page")
async def home(request: web.Request) -> web.Response:
    raise web.HTTPFound("/demo/receipts")


@routes.get("/demo/receipts", summary="The last receipts, as pictures")
async def page(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGES["page"], headers=PAGE_HEADERS)


@routes.get("/demo/receipts.css", summary="How the page looks")
async def style(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGES["style"], headers=PAGE_HEADERS)


@routes.get("/demo/receipts.js", summary="How the page stays current")
async def script(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGES["script"], headers=PAGE_HEADERS)


@routes.get("/demo/receipts/live", summary="What the page shows, as server-sent events")
async def live(request: web.Request) -> web.StreamResponse:
    return await stream(request, request.app[GALLERY].states())


@routes.get("/demo/receipts/{name}.png", summary="One receipt")
async def picture(request: web.Request, name: Code) -> web.StreamResponse:
    png = await request.app[GALLERY].png(name)
    return web.Response(body=png, content_type="image/png", headers=ASSET_HEADERS)
