"""Seeded shoppers who replay real baskets: every scan is bytes on the scanner's port, every payment a real one."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from devices.scanners.simulated import SimulatedScanner
from edge.demo.baskets import Return, Sale, read_baskets
from edge.demo.kiosk import Kiosk
from edge.demo.stock_codes import in_store_ean13
from edge.demo.tally import Tally
from shared.clock import Clock

NOTES_MINOR = (500, 1_000, 2_000, 5_000)  # what people hand over is a multiple of one of these
CARD_SHARE = 0.6
DAMAGED_SHARE = 0.01  # scans whose last digit is misread


@dataclass(slots=True)
class Shoppers:
    """One after the other at one kiosk."""

    kiosk: Kiosk
    scanner: SimulatedScanner
    tally: Tally
    clock: Clock
    chance: random.Random
    pause_s: float  # between scans
    closing: asyncio.Event  # set: nobody scans any more, what is not paid stays here
    _orders: dict[str, str] = field(default_factory=dict)  # order id by invoice

    def baskets(self) -> Iterator[Sale | Return]:
        """Yield real baskets in the order of time, from a seeded day on, over and over."""
        found = read_baskets()
        start = self.chance.randrange(len(found))
        while True:
            yield from found[start:]
            yield from found[:start]

    async def serve(self, basket: Sale | Return) -> None:
        """Let one basket be bought, or one return be made."""
        if isinstance(basket, Sale):
            await self._buy(basket)
        else:
            await self._bring_back(basket)

    async def _buy(self, sale: Sale) -> None:
        self.tally.baskets += 1
        for sku, units in sale.lines:
            if self.closing.is_set():
                break
            await self._scan(sku, units)
            await asyncio.sleep(self.pause_s)
        basket = self.kiosk.state["basket"]
        if basket is None:
            return  # nothing in it could be sold
        if not basket["lines"] or self.closing.is_set():
            await self.kiosk.abandon(basket["id"])
            return
        await self._pay(sale, basket)

    async def _scan(self, sku: str, units: int) -> None:
        text = in_store_ean13(sku)
        if self.chance.random() < DAMAGED_SHARE:
            await self._scan_text(text[:-1] + str((int(text[-1]) + 1) % 10))  # refused; the shopper scans again
        if not await self._scan_text(text) or units == 1:
            return
        basket = self.kiosk.state["basket"]
        line = next(line for line in basket["lines"] if line["sku"] == sku)
        quantity = min(line["quantity"] - 1 + units, 9_999)
        changed = await self.kiosk.set_quantity(basket["id"], line["number"], quantity)
        await self.kiosk.until(lambda state: _version(state) >= changed["version"])

    async def _scan_text(self, text: str) -> bool:
        """Send the bytes and wait for the screen. Returns whether the product is in the basket now."""
        before, notice = _version(self.kiosk.state), _notice(self.kiosk.state)
        begun_s = self.clock.monotonic_s()
        await self.scanner.scan(text)
        await self.kiosk.until(lambda state: _version(state) > before or _notice(state) > notice)
        self.tally.scans += 1
        taken = _version(self.kiosk.state) > before
        if taken:
            self.tally.scan_ms.append((self.clock.monotonic_s() - begun_s) * 1_000)
        else:
            self.tally.scans_refused += 1
        return taken

    async def _pay(self, sale: Sale, basket: dict[str, Any]) -> None:
        begun_s = self.clock.monotonic_s()
        by_card = self.chance.random() < CARD_SHARE
        note = self.chance.choice(NOTES_MINOR)
        cash = {"kind": "cash", "tendered_minor": -(-basket["cash_total_minor"] // note) * note}
        if by_card:
            response = await self.kiosk.pay(basket["id"], {"kind": "card", "card": "test-approved"})
            if response.status_code != 200:
                self.tally.cards_refused += 1
                begun_s = self.clock.monotonic_s()
                response = await self.kiosk.pay(basket["id"], cash)
        else:
            response = await self.kiosk.pay(basket["id"], cash)
        response.raise_for_status()
        order = response.json()
        self.tally.place_ms.append((self.clock.monotonic_s() - begun_s) * 1_000)
        self.tally.orders[order["id"]] = order["total_minor"]
        self.tally.receipt_numbers[order["id"]] = order["receipt_number"]
        self._orders[sale.invoice] = order["id"]
        await self.kiosk.until(lambda state: state["basket"] is None)

    async def _bring_back(self, back: Return) -> None:
        order_id = self._orders.get(back.refund_of or "")
        if order_id is None:
            self.tally.refunds_without_original += 1  # without a receipt the till takes nothing back
            return
        order = await self.kiosk.order(order_id)
        numbers = {line["sku"]: line["number"] for line in order["lines"]}
        wanted: dict[int, int] = {}
        for sku, units in back.lines:
            if sku in numbers:
                wanted[numbers[sku]] = wanted.get(numbers[sku], 0) + units
        if wanted:
            lines = [{"number": number, "quantity": units} for number, units in wanted.items()]
            refund = await self.kiosk.refund(order_id, lines)
            self.tally.refunds[refund["id"]] = refund["total_minor"]


def _version(state: dict[str, Any]) -> int:
    """Return a number that grows with each change of the lane's basket; 0 without a basket."""
    return state["basket"]["version"] if state["basket"] else 0


def _notice(state: dict[str, Any]) -> int:
    return state["notice"]["id"] if state["notice"] else 0
