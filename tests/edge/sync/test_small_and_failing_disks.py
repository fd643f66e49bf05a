"""The whole catalogue on its way to a disk that is small, slow or fails: sales have their room, the line its peace."""

import asyncio
import io
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edge.catalogue.models import CatalogueNotKept
from edge.shop import Shop
from edge.sync import download, pull
from edge.sync.client import HeadOfficeSilent
from edge.sync.download import SnapshotNotKept
from shared.protocol.feed import FeedPage
from tests.edge.small_shop import open_small_shop
from tests.edge.sync.head_office import playing, says, stranger
from tests.edge.sync.shipped import manifest, packed, ships
from tests.edge.sync.test_download import fetch, left

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class SlowFile(io.FileIO):
    """A file on a disk that takes its time."""

    def write(self, data: "ReadableBuffer", /) -> int:
        time.sleep(0.3)
        return super().write(data)


async def test_a_download_that_is_given_up_while_the_disk_writes_leaves_the_beginning_of_the_file(
    shop: Shop, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = shop.catalogue.path.parent / f"catalogue-{manifest(whole).sha256}.part"
    usual = Path.open

    def slowly(path: Path, mode: str = "r", *args: Any, **more: Any) -> object:
        return io.BufferedWriter(SlowFile(path, mode), 1) if path == part else usual(path, mode, *args, **more)

    with monkeypatch.context() as slow:
        slow.setattr(Path, "open", slowly)
        slow.setattr(download, "BUFFER_BYTES", 5_000)
        slow.setattr(download, "DOWNLOAD_TIMEOUT_S", 0.2)
        with pytest.raises(HeadOfficeSilent):
            await fetch(shop, ships(whole))
    begun = part.read_bytes()
    await fetch(shop, ships(whole))

    assert begun
    assert packed(whole).startswith(begun)
    assert shop.catalogue.store.name == "New shop"


async def test_a_catalogue_larger_than_the_disk_is_not_begun(
    shop: Shop, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(shop.catalogue.path.parent)
    full = usage._replace(free=download.FREE_BYTES_MIN + len(whole))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)

    with pytest.raises(CatalogueNotKept) as told:
        await fetch(shop, ships(whole))

    assert "MB are free" in told.value.title
    assert left(shop) == []
    assert shop.catalogue.store.name == "Corner shop"


async def test_what_a_power_cut_left_of_an_unpacked_catalogue_is_in_nobodys_way(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_small_shop(tmp_path / "box") as shop:
        half = shop.catalogue.fresh
        room = len(packed(whole)) + len(whole) + download.FREE_BYTES_MIN
        usage = shutil.disk_usage(tmp_path)

        def as_on_a_small_disk(_path: Path) -> object:
            return usage._replace(free=room + 100_000 - (half.stat().st_size if half.exists() else 0))

        monkeypatch.setattr(shutil, "disk_usage", as_on_a_small_disk)
        half.write_bytes(whole)
        await fetch(shop, ships(whole))

        assert shop.catalogue.store.name == "New shop"
        half.write_bytes(whole)
    async with open_small_shop(tmp_path / "box"):
        assert not half.exists()


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """Let the disk take no byte of a file beyond these."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


async def test_a_disk_that_takes_a_catalogue_only_packed_costs_one_download(shop: Shop, whole: bytes) -> None:
    size = len(packed(whole))
    with files_end_at(size + 10_000), pytest.raises(SnapshotNotKept):
        await fetch(shop, ships(whole))
    stage = await fetch(shop, ships(whole))

    assert [request.headers["Range"] for request in stage.asked] == [f"bytes={size}-"]
    assert shop.catalogue.store.name == "New shop"
    assert left(shop) == []


async def test_a_catalogue_that_arrived_is_not_unpacked_into_the_room_that_sales_need(
    shop: Shop, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = shop.catalogue.path.parent / f"catalogue-{manifest(whole).sha256}.part"
    part.write_bytes(packed(whole))
    full = shutil.disk_usage(part.parent)._replace(free=download.FREE_BYTES_MIN)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)

    with pytest.raises(CatalogueNotKept, match="MB are free"):
        await fetch(shop, ships(whole))

    assert left(shop) == []


async def test_a_disk_that_fails_is_tried_less_and_less_often(
    shop: Shop, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "RETRY_FIRST_S", 0.05)
    monkeypatch.setattr(pull, "RETRY_LONGEST_S", 0.05)
    behind = says(FeedPage(rows=(), cursor=0, more=False, newest=1).model_dump_json())
    (shop.catalogue.path.parent / f"catalogue-{manifest(whole).sha256}.part").mkdir()  # nothing can be written there
    async with playing(*[behind, ships(whole)] * 50) as stage, stranger(stage.url) as client:
        with suppress(TimeoutError):
            async with asyncio.timeout(1.5):
                await pull.pull(shop, client)

    assert 2 <= sum("snapshot" in request.path for request in stage.asked) <= 7


async def test_a_disk_that_fills_up_meanwhile_loses_what_was_begun_and_nothing_else(shop: Shop, whole: bytes) -> None:
    with files_end_at(20_000), pytest.raises(SnapshotNotKept):
        await fetch(shop, ships(whole))

    assert left(shop) == []
    assert shop.catalogue.picked("milk").price_minor == 115
    await fetch(shop, ships(whole))
    assert shop.catalogue.store.name == "New shop"


@pytest.mark.parametrize("name", ["part", "catalogue.new"])
async def test_a_disk_that_lets_nothing_go_leaves_the_old_catalogue_and_the_daemon_running(
    shop: Shop, whole: bytes, name: str
) -> None:
    part = f"catalogue-{manifest(whole).sha256}.part"
    stuck = shop.catalogue.path.parent / name.replace("part", part)
    stuck.mkdir()  # can neither be written nor be removed as a file

    with pytest.raises(CatalogueNotKept):
        await fetch(shop, ships(whole))

    assert shop.catalogue.picked("milk").price_minor == 115
    stuck.rmdir()
    await fetch(shop, ships(whole))
    assert shop.catalogue.store.name == "New shop"
