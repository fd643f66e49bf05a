"""The floor: the least that a shop's server could do, on the same libraries, in a process of its own.

Bare aiohttp, SQLite from the standard library on the event loop, naive promotions, no checks, no journal, no paper, no
head office. It is told the same scans as our daemon and its totals must be the same to the penny.
"""

import argparse
import asyncio
import json
import sqlite3
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

from tests.benchmarks import catalogue

SCHEMA = """
create table products (barcode text primary key, sku text, name text, price_minor integer, category text, tag text);
create table baskets (id text primary key, lane text, state text);
create index open_baskets on baskets (lane) where state = 'open';
create table lines (basket_id text, sku text, name text, price_minor integer, category text, tag text);
create index lines_of_basket on lines (basket_id);
create table orders (id text primary key, body text);
"""
LINES = "select sku, name, price_minor, category, tag from lines where basket_id = ? order by rowid"


class Floor:
    """The open shop. Nothing is kept in memory but the promotions, the greatest percentage first."""

    def __init__(self, path: Path, synchronous: str) -> None:
        """synchronous: SQLite's word, "full" so that each commit is on disk when it returns, or "off"."""
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("pragma journal_mode = wal")
        self.db.execute(f"pragma synchronous = {synchronous}")
        self.db.executescript(f"begin; {SCHEMA} commit;")
        self.db.execute("begin")
        rows = [(p.barcode, p.sku, p.name, p.price_minor, p.category, p.tag) for p in catalogue.products()]
        self.db.executemany("insert into products values (?, ?, ?, ?, ?, ?)", rows)
        self.db.execute("commit")
        self.promotions = sorted(catalogue.promotions(), key=lambda promotion: -promotion.percent)

    async def scan(self, request: web.Request) -> web.Response:
        """Put one unit into the lane's basket, durably, and answer the priced basket."""
        code = (await request.json())["code"]
        lane = request.match_info["lane"]
        query = "select sku, name, price_minor, category, tag from products where barcode = ?"
        product = self.db.execute(query, (code,)).fetchone()
        found = self.db.execute("select id from baskets where lane = ? and state = 'open'", (lane,)).fetchone()
        self.db.execute("begin")
        if found:
            basket_id = found[0]
        else:
            basket_id = str(uuid4())
            self.db.execute("insert into baskets values (?, ?, 'open')", (basket_id, lane))
        self.db.execute("insert into lines values (?, ?, ?, ?, ?, ?)", (basket_id, *product))
        self.db.execute("commit")
        return web.json_response(self.priced(basket_id))

    async def check_out(self, request: web.Request) -> web.Response:
        """Make the basket an order, durably."""
        basket_id = request.match_info["basket_id"]
        tendered_minor = (await request.json())["tender"]["tendered_minor"]
        order = self.priced(basket_id) | {"tendered_minor": tendered_minor}
        order["change_minor"] = tendered_minor - order["total_minor"]
        self.db.execute("begin")
        self.db.execute("insert into orders values (?, ?)", (basket_id, json.dumps(order)))
        self.db.execute("update baskets set state = 'completed' where id = ?", (basket_id,))
        self.db.execute("commit")
        return web.json_response({"id": basket_id, "total_minor": order["total_minor"]})

    async def abandon(self, request: web.Request) -> web.Response:
        self.db.execute("update baskets set state = 'abandoned' where id = ?", (request.match_info["basket_id"],))
        return web.Response(status=204)

    def priced(self, basket_id: str) -> dict[str, Any]:
        """Return the basket as a screen shows it."""
        lines = [self.line(row) for row in self.db.execute(LINES, (basket_id,))]
        gross_minor = sum(line["gross_minor"] for line in lines)
        discount_minor = sum(line["discount_minor"] for line in lines)
        return {
            "id": basket_id,
            "lines": lines,
            "gross_minor": gross_minor,
            "discount_minor": discount_minor,
            "total_minor": gross_minor - discount_minor,
        }

    def line(self, row: Sequence[Any]) -> dict[str, Any]:
        """Return one line with the first promotion that is about it, which is the greatest."""
        sku, name, price_minor, category, tag = row
        discount_minor, used = 0, []
        for promotion in self.promotions:
            if sku in promotion.skus or category == promotion.category or tag == promotion.tag:
                discount_minor = (price_minor * promotion.percent + 50) // 100
                used = [{"name": promotion.id, "discount_minor": discount_minor}]
                break
        return {
            "sku": sku,
            "name": name,
            "quantity": 1,
            "unit_price_minor": price_minor,
            "gross_minor": price_minor,
            "discount_minor": discount_minor,
            "total_minor": price_minor - discount_minor,
            "promotions": used,
        }


async def serve(path: Path, synchronous: str, port: int) -> None:
    """Serve until the process is ended; a line on standard output says when it is open."""
    floor = Floor(path, synchronous)
    app = web.Application()
    app.router.add_post("/api/lanes/{lane}/scans", floor.scan)
    app.router.add_post("/api/baskets/{basket_id}/checkout", floor.check_out)
    app.router.add_delete("/api/baskets/{basket_id}", floor.abandon)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("open", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Take the same command line as our daemons, so that the same code starts it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["run"])
    parser.add_argument("--config", type=Path, required=True)
    path = parser.parse_args().config
    config = tomllib.loads(path.read_text())
    asyncio.run(serve(path.parent / config["file"], config["synchronous"], config["port"]))


if __name__ == "__main__":
    main()
