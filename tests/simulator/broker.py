"""A store's broker in memory, and a kitchen that listens to it and was promised every order."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from edge.broker.link import BrokerAway
from edge.broker.worker import Receipts
from edge.shop import Shop

KITCHEN = "kitchen"
DELIVERY_S = (0.001, 0.5)


@dataclass
class StoreBroker:
    """Brings messages to the kitchen, unless it is wiped meanwhile. Nothing of it survives that."""

    chance: random.Random
    trouble: float = 0.0  # share of messages and receipts that get lost
    had: Counter[str] = field(default_factory=Counter)  # orders that the kitchen heard of, and how often
    life: int = 0
    receipts: Receipts | None = None

    @asynccontextmanager
    async def open(self, shop: Shop, receipts: Receipts) -> AsyncIterator["OpenBroker"]:
        self.receipts = receipts
        yield OpenBroker(self, self.life)

    def wipe(self) -> None:
        """Lose everything on the way and every connection."""
        self.life += 1
        self.receipts = None

    def deliver(self, topic: str, body: str, life: int) -> None:
        if life != self.life or self.chance.random() < self.trouble:
            return
        message = json.loads(body)
        self.had[message["body"]["id"]] += 1
        if self.receipts is not None and self.chance.random() >= self.trouble:
            self.receipts.take(KITCHEN, json.dumps({"ids": [message["id"]]}).encode())


@dataclass
class OpenBroker:
    """A connection to it."""

    broker: StoreBroker
    life: int

    async def publish(self, topic: str, body: str, *, retained: bool = False) -> None:
        self.demand_open()
        if topic.startswith(f"inbox/{KITCHEN}/"):
            after_s = self.broker.chance.uniform(*DELIVERY_S)
            asyncio.get_running_loop().call_later(after_s, self.broker.deliver, topic, body, self.life)

    def demand_open(self) -> None:
        if self.life != self.broker.life:
            raise BrokerAway(problem="it was wiped")
