"""A drawer that was left open is told to the people at the lanes."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from devices.drawers.interface import Drawer
from devices.errors import DeviceError, DrawerLeftOpen
from shared.clock import Clock

LOOK_EVERY_S = 3.0


@dataclass(slots=True)
class DrawerWatch:
    """Knows since when a drawer is open, also while supervision starts `keep_watching` anew."""

    drawer: Drawer
    left_open_s: float
    clock: Clock
    look_every_s: float = LOOK_EVERY_S
    _open_since_s: float | None = field(default=None, init=False)  # on the monotonic clock

    async def keep_watching(self, ready: Callable[[], None]) -> None:
        """Look until the drawer was left open. Raises DrawerLeftOpen."""
        while True:
            # A printer that is away is told by the printer's own loop; what the drawer does, nobody knows meanwhile.
            with contextlib.suppress(DeviceError):
                is_open = await self.drawer.state() == "open"
                self._note(is_open)
            if self._is_left_open():
                raise DrawerLeftOpen
            ready()
            await asyncio.sleep(self.look_every_s)

    def _note(self, is_open: bool) -> None:
        if not is_open:
            self._open_since_s = None
        elif self._open_since_s is None:
            self._open_since_s = self.clock.monotonic_s()

    def _is_left_open(self) -> bool:
        return self._open_since_s is not None and self.clock.monotonic_s() - self._open_since_s > self.left_open_s
