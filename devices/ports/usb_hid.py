"""A keyboard of the kernel's (evdev), taken away from everybody else."""

import fcntl
import io
import os
import stat
from dataclasses import dataclass
from typing import ClassVar

from devices.identity import NodeClass
from devices.ports.character_device import OPEN_FLAGS, CharacterDevice

EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int) of linux/input.h


@dataclass(slots=True)
class KeyboardPort(CharacterDevice):
    """Gives `struct input_event`s, 24 bytes each, whole ones in each read.

    The device is grabbed: otherwise each scan would also be typed into the kiosk's screen.
    """

    node_class: ClassVar[NodeClass] = "input"

    def open_file(self, path: str) -> io.FileIO:
        fd = os.open(path, os.O_RDONLY | OPEN_FLAGS)
        try:
            if stat.S_ISCHR(os.fstat(fd).st_mode):  # a simulated one is a pipe
                fcntl.ioctl(fd, EVIOCGRAB, 1)
        except OSError:
            os.close(fd)
            raise
        return io.FileIO(fd, "r")
