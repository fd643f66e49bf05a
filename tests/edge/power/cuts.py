"""What may be on a disk after the power went: everything synced, and of the rest whatever the disk got around to.

Between two syncs a disk writes in whatever order it likes, sector by sector. A sector that it was just writing holds
anything, but only in the bytes that it was told to write (SQLite relies on that: "powersafe overwrite"). A file may
have grown without its content, or have its content cut off at its former size. Names that were given or taken since the
folder was synced last are kept up to some point.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.edge.power.recording import Create, Delete, Happening, Mark, Recording, Sync, SyncFolder, Truncate, Write

SECTOR_BYTES = 512
TORN_SHARE = 0.02  # of the sectors that were under way

Picture = dict[str, bytes]  # content by name
Keeps = Callable[[int, int], bool]  # (which sector of the unsynced ones, of how many) -> is it on the disk?


@dataclass(slots=True)
class Disk:
    """A disk at one moment: what is kept for certain, and what was handed over since."""

    files: dict[int, bytearray] = field(default_factory=dict)
    unsynced: dict[int, list[Write | Truncate]] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    unsynced_names: list[Create | Delete] = field(default_factory=list)
    syncs: int = 0

    def happen(self, what: Happening) -> None:
        match what:
            case Write() | Truncate():
                self.unsynced[what.file].append(what)
            case Sync(file):
                for change in self.unsynced[file]:
                    _apply(self.files[file], change)
                self.unsynced[file].clear()
                self.syncs += 1
            case Create():
                self.files[what.file] = bytearray()
                self.unsynced[what.file] = []
                self.unsynced_names.append(what)
            case Delete():
                self.unsynced_names.append(what)
            case SyncFolder():
                _rename(self.names, self.unsynced_names)
                self.unsynced_names.clear()
                self.syncs += 1
            case Mark():
                pass

    def after_a_cut(self, chance: random.Random) -> tuple[Picture, tuple[object, ...]]:
        """Return what is there when the power comes back, and what tells this picture from others."""
        names = dict(self.names)
        named = chance.randint(0, len(self.unsynced_names))
        _rename(names, self.unsynced_names[:named])
        picture: Picture = {}
        decisions: list[object] = [self.syncs, named]
        for name, file in sorted(names.items()):
            content, decided = _what_is_left(self.files[file], self.unsynced[file], chance)
            picture[name] = bytes(content)
            decisions.append(decided)
        return picture, tuple(decisions)


def _rename(names: dict[str, int], changes: list[Create | Delete]) -> None:
    for change in changes:
        if isinstance(change, Create):
            names[change.name] = change.file
        else:
            names.pop(change.name, None)


def _apply(content: bytearray, change: Write | Truncate) -> None:
    if isinstance(change, Truncate):
        del content[change.size :]
        return
    content.extend(bytes(max(0, change.offset - len(content))))
    content[change.offset : change.offset + len(change.content)] = change.content


def _sectors(write: Write) -> list[Write]:
    """Divide a write where the disk's sectors end."""
    parts, begin, end = [], write.offset, write.offset + len(write.content)
    while begin < end:
        until = min(end, (begin // SECTOR_BYTES + 1) * SECTOR_BYTES)
        parts.append(Write(write.file, begin, write.content[begin - write.offset : until - write.offset]))
        begin = until
    return parts


def _what_is_left(
    synced: bytearray, unsynced: list[Write | Truncate], chance: random.Random
) -> tuple[bytearray, object]:
    if not unsynced:
        return synced, 0
    content = bytearray(synced)
    parts = [part for change in unsynced for part in (_sectors(change) if isinstance(change, Write) else [change])]
    keeps = _behaviour(chance, len(parts))
    decided = 1
    for index, part in enumerate(parts):
        is_torn = isinstance(part, Write) and chance.random() < TORN_SHARE
        kept = keeps(index, len(parts))
        decided = decided * 3 + (2 if kept and is_torn else kept)
        if not kept:
            continue
        if is_torn and isinstance(part, Write):
            at = chance.randrange(len(part.content) + 1)
            garbage = chance.randbytes(len(part.content) - at)
            decided = decided * 31 + hash(garbage)
            _apply(content, Write(part.file, part.offset, part.content[:at] + garbage))
        else:
            _apply(content, part)
    grown = len(content) - len(synced)
    if grown > 0 and chance.random() < 0.25:  # the new size, or a part of it, never reached the disk
        lost = min(grown, chance.randint(0, grown // SECTOR_BYTES + 1) * SECTOR_BYTES)
        decided = decided * 31 + lost
        del content[len(content) - lost :]
    return content, decided


def _behaviour(chance: random.Random, parts: int) -> Keeps:
    """Choose how the disk went about its work."""
    match chance.randrange(5):
        case 0:
            return lambda _index, _of: False  # it had not begun
        case 1:
            return lambda _index, _of: True  # it had finished, without having said so
        case 2:
            reached = chance.randint(0, parts)
            return lambda index, _of: index < reached  # in order
        case 3:
            missing = chance.randrange(parts)
            return lambda index, _of: index != missing  # all but one
        case _:
            share = chance.random()
            return lambda _index, _of: chance.random() < share  # in any order


@dataclass(frozen=True, slots=True)
class Cut:
    """The power went when `moment` things had happened."""

    number: int
    moment: int
    picture: Picture
    identity: tuple[object, ...]  # equal for equal pictures


def cut_anywhere(recorded: Recording, cuts: int, seed: int, since: int = 0) -> Iterator[Cut]:
    """Yield so many cuts at seeded moments, in the order in which they might have come.

    since: no cut comes before so many things have happened.
    """
    chance = random.Random(seed)
    moments = sorted(chance.randint(since, len(recorded.happenings)) for _ in range(cuts))
    disk, reached = Disk(), 0
    for number, moment in enumerate(moments):
        for happening in recorded.happenings[reached:moment]:
            disk.happen(happening)
        reached = moment
        yield Cut(number, moment, *disk.after_a_cut(random.Random(f"{seed} {number}")))
