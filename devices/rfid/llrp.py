"""Readers that speak LLRP: nearly all fixed ones, over TCP port 5084 or, with TLS, 5085."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from pydantic import Field, StringConstraints

from devices.errors import DeviceDisconnected, DeviceRefused
from devices.ports.port import Port
from devices.ports.tcp import TcpPort
from devices.rfid import llrp_messages as bodies
from devices.rfid.hand_over import HandOver
from devices.rfid.interface import Inventory, TagReads
from devices.rfid.llrp_codec import MessageType
from devices.rfid.llrp_link import LlrpLink, Patience
from devices.rfid.llrp_reports import ReportReader
from devices.rfid.window import Window
from shared.model.strict import Code, Name, Strict


class LlrpSettings(Strict):
    """One LLRP reader of a node."""

    kind: Literal["rfid"]
    make: Literal["llrp"]
    name: Code
    host: Name
    port: Annotated[int, Field(ge=1, le=65_535)] = 5084  # 5085 is usual for TLS
    certificate: Name | None = None  # a PEM file, the reader's own or its authority's: the link is TLS then
    # The reader's MAC address or EPC in hex, as it tells: another reader at this address is refused.
    identity: Annotated[str, StringConstraints(pattern="^[0-9a-f]{2,32}$")] | None = None
    inventory: Inventory = Inventory()


@dataclass(slots=True)
class LlrpReader:
    """Sets the reader up anew each time it is opened: whatever it was told before is deleted."""

    port: Port
    inventory: Inventory = field(default_factory=Inventory)
    identity: str | None = None
    patience: Patience = field(default_factory=Patience)
    _link: LlrpLink | None = field(default=None, init=False)
    _hand_over: HandOver | None = field(default=None, init=False)

    async def open(self) -> None:
        await self.close()
        hand_over = self._hand_over = HandOver(Window(self.inventory.window_s))
        reports = ReportReader()
        self._link = LlrpLink(
            self.port,
            self.patience,
            on_reports=lambda body: hand_over.put(*reports.parse(body)),
            on_overflow=lambda: hand_over.lose(1),
            on_end=hand_over.end,
        )
        try:
            await self._link.open()
            await self._set_up(self._link)
        except BaseException:
            await self.close()
            raise

    async def start(self) -> None:
        await self._opened().ask(MessageType.START_ROSPEC, bodies.spec(bodies.ROSPEC_ID))

    async def stop(self) -> None:
        await self._opened().ask(MessageType.STOP_ROSPEC, bodies.spec(bodies.ROSPEC_ID))

    async def read(self) -> TagReads:
        if self._hand_over is None:
            raise DeviceDisconnected(address=self.port.address, problem="closed")
        return await self._hand_over.take()

    async def close(self) -> None:
        link, self._link = self._link, None
        if link:
            await link.close()
        if self._hand_over:
            self._hand_over.end(DeviceDisconnected(address=self.port.address, problem="closed"))

    def _opened(self) -> LlrpLink:
        if self._link is None:
            raise DeviceDisconnected(address=self.port.address, problem="closed")
        return self._link

    async def _set_up(self, link: LlrpLink) -> None:
        found = bodies.parse_capabilities(
            await link.ask(MessageType.GET_READER_CAPABILITIES, bodies.ask_capabilities())
        )
        if found.antennas and max(self.inventory.antennas, default=0) > found.antennas:
            self._refuse(f"antenna {max(self.inventory.antennas)} of {found.antennas}")
        identity = bodies.parse_identity(await link.ask(MessageType.GET_READER_CONFIG, bodies.ask_identity()))
        if self.identity and identity != self.identity:
            self._refuse(f"to be {self.identity}, it is {identity}")
        keepalive_ms = round(1000 * self.patience.keepalive_s)
        await link.ask(MessageType.SET_READER_CONFIG, bodies.set_config(keepalive_ms))
        await link.ask(MessageType.DELETE_ROSPEC, bodies.spec(bodies.ALL))
        await link.ask(MessageType.DELETE_ACCESSSPEC, bodies.spec(bodies.ALL))
        await link.ask(MessageType.ADD_ROSPEC, bodies.add_rospec(self.inventory, self._power_index(found)))
        await link.ask(MessageType.ENABLE_ROSPEC, bodies.spec(bodies.ROSPEC_ID))
        if self.inventory.reads_tid:
            await link.ask(MessageType.ADD_ACCESSSPEC, bodies.add_accessspec())
            await link.ask(MessageType.ENABLE_ACCESSSPEC, bodies.spec(bodies.ACCESSSPEC_ID))

    def _power_index(self, found: bodies.Capabilities) -> int | None:
        """Return the strongest step that is not above what is allowed."""
        limit_cdbm = self.inventory.power_cdbm
        if limit_cdbm is None:
            return None
        allowed = {index: power for index, power in found.power_steps_cdbm.items() if power <= limit_cdbm}
        if not allowed:
            self._refuse(f"to transmit at {limit_cdbm / 100:g} dBm or less")
        return max(allowed, key=lambda index: allowed[index])

    def _refuse(self, problem: str) -> NoReturn:
        raise DeviceRefused(address=self.port.address, problem=problem)


def open_llrp(settings: LlrpSettings) -> LlrpReader:
    certificate = Path(settings.certificate) if settings.certificate else None
    port = TcpPort(settings.host, settings.port, certificate=certificate)
    return LlrpReader(port, settings.inventory, settings.identity)
