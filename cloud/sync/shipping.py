"""Which snapshots are at hand: each made once, however many nodes ask, and thrown away when nobody will."""

import asyncio
import shutil
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import structlog

from cloud.database import Database, Transaction
from cloud.received import Node
from cloud.sync import feed
from cloud.sync.snapshot import Building, Shipped, SnapshotTooLarge
from shared.clock import Clock
from shared.errors import Unavailable
from shared.protocol.feed import SNAPSHOT_BEYOND_ROWS

log = structlog.get_logger()

FOLDER = "snapshots"  # emptied at each start: a database restored from a backup counts its versions anew
WAIT_S = 5.0  # a box hears within ten seconds that it has to ask again
KEPT_OF_STORE_MAX = 2  # the newest, and one that some box may be half through with
KEPT_BYTES_MAX = 10_000_000_000  # of all stores: those that were asked for last


class SnapshotBeingMade(Unavailable):
    """The catalogue is being put together."""

    hint = "The box asks again by itself."


class Snapshots:
    """The files of a running service. Use as an async context manager."""

    def __init__(self, folder: Path, db: Database, clock: Clock, key: bytes) -> None:
        """key: signs them, the private half."""
        self._folder = folder / FOLDER
        self._db = db
        self._clock = clock
        self._key = key
        self._kept: OrderedDict[Path, Shipped] = OrderedDict()  # the one asked for last stands last
        self._too_large: dict[str, int] = {}  # the version, by store: not to be made again before there is news
        self._being_made: dict[str, asyncio.Task[Shipped]] = {}  # by store
        self._thread = ThreadPoolExecutor(1, "snapshot")  # one at a time: each takes a core
        self._building: Building | None = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = list(self._being_made.values())
        for task in tasks:
            task.cancel()
        if self._building is not None:
            self._building.stop()
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def newest(self, node: Node) -> Shipped:
        """Return the snapshot of what the node's store sees now, made unless there is one.

        Raises SnapshotBeingMade when that takes longer than a box should wait, SnapshotNotMade, SnapshotTooLarge.
        """
        refused = self._too_large.get(node.store_id)
        if refused is not None and not await self._db.read(_has_news, node, refused):
            raise SnapshotTooLarge(version=refused)
        at_hand = self._of_store(node.store_id)
        if at_hand and not await self._db.read(_has_news, node, at_hand[-1].manifest.version):
            return self._used(at_hand[-1])
        task = self._being_made.get(node.store_id)
        if task is None:
            task = asyncio.create_task(self._make(node))
            self._being_made[node.store_id] = task
            task.add_done_callback(lambda done: self._made(node.store_id, done))
        await asyncio.wait({task}, timeout=WAIT_S)
        if not task.done():
            raise SnapshotBeingMade
        return self._used(await task)

    async def begun(self, node: Node, etag: str) -> Shipped | None:
        """Return the snapshot that a node is half through with, unless it would leave the node far behind.

        The feed may move faster than a slow line: only so does a download ever come to its end.
        """
        for shipped in self._of_store(node.store_id):
            if shipped.manifest.etag == etag:
                newest = await self._db.read(feed.newest, node.tenant_id)
                return self._used(shipped) if newest - shipped.manifest.version <= SNAPSHOT_BEYOND_ROWS else None
        return None

    def _of_store(self, store_id: str) -> list[Shipped]:
        kept = [shipped for shipped in self._kept.values() if shipped.manifest.store_id == store_id]
        return sorted(kept, key=lambda shipped: shipped.manifest.version)

    def _used(self, shipped: Shipped) -> Shipped:
        if shipped.path in self._kept:
            self._kept.move_to_end(shipped.path)
        return shipped

    async def _make(self, node: Node) -> Shipped:
        loop = asyncio.get_running_loop()
        building = Building(self._db.path, self._folder, node.tenant_id, node.store_id)
        try:
            shipped = await loop.run_in_executor(self._thread, self._run, building)
        except SnapshotTooLarge as error:
            version = error.facts["version"]
            assert isinstance(version, int)
            self._too_large[node.store_id] = version
            raise
        self._keep(shipped)
        log.info("snapshot_made", store=node.store_id, version=shipped.manifest.version, bytes=shipped.manifest.size)
        return shipped

    def _run(self, building: Building) -> Shipped:
        self._building = building
        try:
            return building.run(self._clock.now, self._key)
        finally:
            self._building = None

    def _keep(self, shipped: Shipped) -> None:
        """Keep a new file and drop what is too old or too much; a download that reads one goes on all the same."""
        self._kept.pop(shipped.path, None)
        self._kept[shipped.path] = shipped
        superfluous = self._of_store(shipped.manifest.store_id)[:-KEPT_OF_STORE_MAX]
        size = sum(one.manifest.size for one in self._kept.values())
        for one in list(self._kept.values())[:-1]:
            if one in superfluous or size > KEPT_BYTES_MAX:
                size -= one.manifest.size
                del self._kept[one.path]
                one.path.unlink(missing_ok=True)

    def _made(self, store_id: str, done: asyncio.Task[Shipped]) -> None:
        del self._being_made[store_id]
        if not done.cancelled() and (error := done.exception()):
            log.warning("snapshot_not_made", store=store_id, error=str(error))


def _has_news(tx: Transaction, node: Node, version: int) -> bool:
    return bool(feed.page(tx, node.tenant_id, node.store_id, version, limit=1).rows)
