"""The disk is full at any byte of a sale: it is sold and kept, or clearly refused; then there is room again."""

import asyncio
import json
import subprocess
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from edge import app
from edge.catalogue import storage
from edge.catalogue.models import CatalogueNotKept
from edge.catalogue.open_catalogue import Catalogue
from edge.config import Config
from edge.database import Transaction
from edge.demo.daemons import free_port
from shared.clock import SystemClock
from shared.workers import RETRY_S
from tests.edge.power.day import CASH
from tests.edge.power.test_refusals import SELLS_AGAIN_S, Trial, order_ids, trial
from tests.edge.small_shop import (
    TestGateway,
    Till,
    assortment,
    open_small_shop,
    open_till,
    price,
    publish,
    settings,
    snapshot_of,
    swap_in,
)
from tests.edge.test_main import write_config

DISK_BYTES = 16_000_000
SALE_BYTES = 128 * 1024  # more than a sale writes
STEP_BYTES = 512


async def sold_with(on: Trial, free_bytes: int) -> bool:
    """Try to sell with so much room. Returns whether it was sold; whatever is wrong with it fails."""
    on.health.room_bytes = on.health.used_bytes + free_bytes
    status, answer, basket_id = await on.sell(CASH)
    if status != 200:
        assert (status, answer["code"]) == (503, "disk-full")
        assert "Do not hand out goods" in answer["hint"]
        assert basket_id not in await on.till.shop.db.transact(order_ids)
    assert on.wrong_after_a_kill(f"{free_bytes} bytes") == []
    return status == 200


async def test_a_sale_is_kept_or_refused_wherever_the_disk_is_full(tmp_path: Path) -> None:
    async with trial(tmp_path, checkpoint_pages=1_000) as on:
        sold = 0
        for free_bytes in range(0, SALE_BYTES, STEP_BYTES):
            sold += await sold_with(on, free_bytes)
            await on.sell_again()

    assert 20 < sold < SALE_BYTES / STEP_BYTES - 20


async def test_a_disk_of_16_megabytes_is_sold_full_and_left_as_soon_as_there_is_room(tmp_path: Path) -> None:
    async with trial(tmp_path, checkpoint_pages=1_000) as on:
        on.health.room_bytes = DISK_BYTES
        while on.health.used_bytes < DISK_BYTES - 2_000_000:
            await on.till.shop.db.transact(fill, 1_000_000)
        sold = 0
        while (await on.sell(CASH))[0] == 200:
            sold += 1
        assert on.wrong_after_a_kill("full") == []
        for _ in range(5):
            assert (await on.sell(CASH))[0] == 503
        await on.sell_again()
        assert on.wrong_after_a_kill("again") == []

    assert sold > 10


def fill(tx: Transaction, size: int) -> None:
    """Let the file grow by something that belongs to nobody."""
    tx.execute("create table if not exists ballast_of_tests (content blob)")
    tx.execute("insert into ballast_of_tests values (zeroblob(?))", (size,))


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a real file system of 16 MB; skips where that is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill_up(disk: Path) -> Path:
    """Take all the room there is with one file."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    return filler


async def test_on_a_real_full_disk_a_sale_is_refused_and_then_sold(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        async with open_small_shop(disk) as shop, open_till(shop) as till:
            await till.sell("milk")
            filler = fill_up(disk)
            status, problem = await till.scan("tea")
            while status == 200:  # what is left of a block may be enough for some
                status, problem = await till.scan("tea")
            health, _ = await till.call("GET", "/healthz")
            filler.unlink()
            async with asyncio.timeout(SELLS_AGAIN_S):
                order = await till.sell("milk")

    assert (status, problem["code"], health) == (503, "disk-full", 503)
    assert order["receipt_number"] == "T1K1-000002"


async def test_a_box_that_starts_on_a_full_disk_says_so_and_sells_as_soon_as_there_is_room(tmp_path: Path) -> None:
    port = free_port(0)
    config = settings(http={"port": port}, broker={"port": free_port(0)})
    with small_disk(tmp_path / "disk") as disk:
        async with open_small_shop(disk) as shop, open_till(shop) as till:
            await till.sell("milk")
        filler = fill_up(disk)
        starting = asyncio.create_task(sell_once(disk, config))
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            kiosk, page = await insist(http, "/kiosk/")
            await asyncio.sleep(2 * RETRY_S)
            health, problem = await insist(http, "/healthz")
            still_waits = not starting.done()
        filler.unlink()
        async with asyncio.timeout(SELLS_AGAIN_S):
            status, order = await starting

    assert still_waits
    assert (kiosk, health) == (503, 503)
    assert (json.loads(problem)["code"], json.loads(problem)["can_sell"]) == ("disk-full", False)
    assert "Free space" in json.loads(problem)["hint"]
    assert [text in page for text in ("Staff: free space", "ελευθερώστε χώρο", "פנו מקום")] == [True] * 3
    assert (status, order["receipt_number"]) == (200, "T1K1-000002")


async def insist(http: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    """Ask a box that is starting until it answers."""
    async with asyncio.timeout(SELLS_AGAIN_S):
        while True:
            try:
                async with http.get(path) as answer:
                    return answer.status, await answer.text()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def test_a_box_that_waits_for_room_stops_when_it_is_told_to(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        async with open_small_shop(disk / "data"):
            pass
        config = write_config(disk)
        fill_up(disk)
        daemon = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge", "run", "--config", config, stdout=PIPE, stderr=STDOUT
        )
        assert daemon.stdout is not None
        async with asyncio.timeout(20):
            while b"start_waits_for_the_disk" not in (said := await daemon.stdout.readline()):
                assert said, "it ended by itself"
            daemon.terminate()
            rest = await daemon.stdout.read()
            code = await daemon.wait()

    assert (code, b"Traceback" in rest) == (0, False)


async def sell_once(folder: Path, config: Config) -> tuple[int, Any]:
    """Start the whole daemon as it starts in a shop, and sell."""
    async with app.selling(config, folder, SystemClock()) as (shop, url), aiohttp.ClientSession() as http:
        till = Till(shop, TestGateway(), url, http)
        basket = await till.fill("milk")
        return await till.pay(basket["id"])


@pytest.mark.parametrize("free_bytes", [0, 8_192, 30_000])
async def test_a_full_disk_is_no_reason_to_throw_the_catalogue_away(tmp_path: Path, free_bytes: int) -> None:
    with small_disk(tmp_path / "disk") as disk:
        async with open_small_shop(disk):
            pass
        filler = fill_up(disk)
        with filler.open("rb+") as file:
            file.truncate(filler.stat().st_size - free_bytes)
        with pytest.raises(CatalogueNotKept):
            Catalogue(disk)
        filler.unlink()
        with closing(Catalogue(disk)) as catalogue:
            assert catalogue.picked("milk").price_minor == 115


async def test_a_disk_that_fills_up_while_a_catalogue_is_swapped_in_stops_no_sale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = await snapshot_of(tmp_path / "newer", [*assortment(), price("milk", 199)])
    with small_disk(tmp_path / "disk") as disk:
        (disk / "shop").mkdir()
        with closing(Catalogue(disk / "shop")) as catalogue:
            await publish(catalogue, *assortment())
            replace = storage.replace

            def replace_and_fill(path: Path, fresh: Path) -> None:
                replace(path, fresh)
                fill_up(disk)

            monkeypatch.setattr(storage, "replace", replace_and_fill)
            await swap_in(catalogue, newer)
            sold_for = catalogue.picked("milk").price_minor
            with pytest.raises(CatalogueNotKept):
                await publish(catalogue, price("milk", 200))
            still_sold_for = catalogue.picked("milk").price_minor
            (disk / "filler").unlink()
            await publish(catalogue, price("milk", 200))

            assert (sold_for, still_sold_for, catalogue.picked("milk").price_minor) == (199, 199, 200)


async def test_a_catalogue_that_cannot_be_put_in_place_leaves_the_old_one_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = await snapshot_of(tmp_path / "newer", [*assortment(), price("milk", 199)])
    with closing(Catalogue(tmp_path)) as catalogue:
        await publish(catalogue, *assortment())
        monkeypatch.setattr(Path, "rename", refused)
        with pytest.raises(CatalogueNotKept):
            await swap_in(catalogue, newer)
        monkeypatch.undo()
        before = catalogue.picked("milk").price_minor
        await swap_in(catalogue, newer)

        assert (before, catalogue.picked("milk").price_minor) == (115, 199)


def refused(_path: Path, _target: Path) -> None:
    raise OSError("the disk refuses")
