"""From an edit at head office to its price in the store: two real daemons, and somebody who looks all the time."""

import asyncio
import time

from edge.demo.installer import STORE
from tests.benchmarks import catalogue
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import p95
from tests.benchmarks.store import Store
from tests.benchmarks.till import Till

LIMIT_MS = 1000.0
EDITS = 20  # in a round
LOOK_EVERY_S = 0.002
PATIENCE_S = 10.0


async def measure(rounds: int, store: Store) -> list[Row]:
    """Change one price after the other; each when the one before has been seen. The edge runs already."""
    found = [[await _edit(store, number * EDITS + edit) for edit in range(EDITS)] for number in range(rounds)]
    ours_ms = [p95(samples) for samples in found]
    return [Row("edit at head office → priced in the store, p95", "ms", ours_ms, "limit", [LIMIT_MS] * rounds, 1.0)]


async def _edit(store: Store, number: int) -> float:
    """Return the milliseconds from sending the edit until the store's list shows its price."""
    product = catalogue.products()[number % catalogue.PRODUCTS]
    price_minor = product.price_minor + 1 + number
    row = f"{product.sku},{product.name},{product.barcode},{price_minor / 100:.2f},standard"
    content = f"sku,name,barcode,price,tax_class\n{row}\n".encode()
    query = f"?currency={STORE['currency']}&retailer={STORE['retailer']}"
    looking = asyncio.create_task(asyncio.to_thread(_seen_s, store.edge_url, product.sku, price_minor))
    await asyncio.sleep(0.1)
    begin_s = time.perf_counter()
    await store.office("POST", f"/api/catalogue/imports{query}", content)
    return (await looking - begin_s) * 1000


def _seen_s(url: str, sku: str, price_minor: int) -> float:
    """Return when the store's list shows the price. Raises TimeoutError."""
    deadline_s = time.perf_counter() + PATIENCE_S
    with Till(url) as till:
        while time.perf_counter() < deadline_s:
            (product,) = till.call("GET", f"/api/products?query={sku}")["products"]
            if product["price_minor"] == price_minor:
                return time.perf_counter()
            time.sleep(LOOK_EVERY_S)
    raise TimeoutError
