"""The cuts themselves: what was synced stays, and of the rest each thing may stay or go."""

import ctypes
import random
from pathlib import Path

import apsw

from tests.edge.power.cuts import SECTOR_BYTES, Disk, Picture
from tests.edge.power.day import live_a_day
from tests.edge.power.recording import REAL, Create, Delete, Happening, Sync, SyncFolder, Truncate, Write

OLD, NEW = b"o" * SECTOR_BYTES, b"n" * SECTOR_BYTES
OpenFolder = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)  # SQLite's `openDirectory`
BEGUN = (Create("a", 1), Write(1, 0, OLD * 3), Sync(1), SyncFolder())


def pictures(*happenings: Happening) -> list[Picture]:
    """Return what is there after many cuts at the same moment."""
    disk = Disk()
    for happening in happenings:
        disk.happen(happening)
    return [disk.after_a_cut(random.Random(seed))[0] for seed in range(500)]


def contents(*happenings: Happening) -> set[bytes]:
    return {picture["a"] for picture in pictures(*happenings)}


def test_what_was_synced_is_there_after_every_cut() -> None:
    assert contents(*BEGUN) == {OLD * 3}
    assert contents(*BEGUN, Write(1, 0, NEW), Sync(1)) == {NEW + OLD * 2}


def test_unsynced_sectors_are_kept_or_lost_in_any_order() -> None:
    found = contents(*BEGUN, Write(1, 0, NEW * 2), Write(1, 2 * SECTOR_BYTES, NEW))

    whole = {a + b + c for a in (OLD, NEW) for b in (OLD, NEW) for c in (OLD, NEW)}
    assert whole <= found


def test_a_torn_sector_holds_anything_but_only_where_it_was_written() -> None:
    found = contents(*BEGUN, Write(1, SECTOR_BYTES, NEW[:100]))

    torn = {content for content in found if content[SECTOR_BYTES:][:100] not in {OLD[:100], NEW[:100]}}
    assert torn
    assert all(content[:SECTOR_BYTES] == OLD for content in torn)
    assert all(content[SECTOR_BYTES + 100 :] == OLD[100:] + OLD for content in torn)


def test_a_file_that_grew_may_have_its_old_size_or_a_hole() -> None:
    found = contents(*BEGUN, Write(1, 3 * SECTOR_BYTES, NEW * 2))

    assert {len(content) // SECTOR_BYTES for content in found} == {3, 4, 5}
    assert OLD * 3 + bytes(SECTOR_BYTES) + NEW in found


def test_a_file_that_was_cut_off_may_come_back() -> None:
    assert contents(*BEGUN, Truncate(1, SECTOR_BYTES)) == {OLD, OLD * 3}


def test_names_that_were_not_synced_are_given_and_taken_up_to_some_point() -> None:
    renamed = (*BEGUN, Delete("a"), Create("a", 2), Write(2, 0, NEW), Sync(2), Create("b", 3))

    found = {tuple(sorted(picture.items())) for picture in pictures(*renamed)}

    assert found == {(("a", OLD * 3),), (), (("a", NEW),), (("a", NEW), ("b", b""))}


async def test_folders_are_synced_when_sqlite_syncs_them(tmp_path: Path) -> None:
    opened: list[bytes] = []
    disk = apsw.VFS("watched", REAL)
    address = disk.xGetSystemCall("openDirectory") or 0
    real = OpenFolder(address)

    def open_folder(name: bytes, file: int) -> int:
        opened.append(name)
        done: int = real(name, file)
        return done

    watch = OpenFolder(open_folder)
    assert disk.xSetSystemCall("openDirectory", ctypes.cast(watch, ctypes.c_void_p).value or 0)
    try:
        past = await live_a_day(tmp_path)
    finally:
        disk.xSetSystemCall("openDirectory", address)
        disk.unregister()

    synced = [one for one in past.recorded.happenings if isinstance(one, SyncFolder)]
    assert len(opened) == len(synced) > 2
