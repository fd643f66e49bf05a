"""RFID readers on the table: each make with its simulator, under the same handles, with waits short for tests."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol

from devices.ports.tcp import TcpPort
from devices.rfid.interface import Inventory, TagRead, TagReader
from devices.rfid.llrp import LlrpReader
from devices.rfid.llrp_link import Patience
from devices.rfid.simulated import SimulatedReader

WINDOW_S = 0.15
INVENTORY = Inventory(window_s=WINDOW_S)
NOTICED_S = 2.0  # by when a test's reader must have noticed a dead link


class Table(Protocol):
    """A simulated reader and the driver that speaks to it."""

    reader: TagReader

    async def show(self, tags: Iterable[TagRead]) -> None:
        """Bring tags before the antennas."""

    async def lose_power(self) -> None: ...

    async def get_power(self) -> None: ...

    def go_mute(self) -> None:
        """Say nothing any more, and leave the link as it is."""

    async def send_nonsense(self) -> None:
        """Send what no reader of this make sends, and what may not stop it."""


class LlrpTable:
    def __init__(self, simulated: SimulatedReader) -> None:
        self.simulated = simulated
        patience = Patience(answer_s=1.0, keepalive_s=0.2, goodbye_s=0.1)
        self.reader = LlrpReader(TcpPort(simulated.host, simulated.port), INVENTORY, patience=patience)

    async def show(self, tags: Iterable[TagRead]) -> None:
        await self.simulated.show(tags)

    async def lose_power(self) -> None:
        await self.simulated.power_off()

    async def get_power(self) -> None:
        await self.simulated.power_on()

    def go_mute(self) -> None:
        self.simulated.is_mute = True

    async def send_nonsense(self) -> None:
        self.simulated.send_raw(bytes.fromhex("043d 00000010 00000000 00f0 0006 8d30"))


@asynccontextmanager
async def llrp() -> AsyncIterator[LlrpTable]:
    async with SimulatedReader() as simulated:
        yield LlrpTable(simulated)


MAKES = {"llrp": llrp}
