"""RFID readers on the table: each make with its simulator, under the same handles, with waits short for tests."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Protocol

from devices.ports.mqtt import MqttPort
from devices.ports.tcp import TcpPort
from devices.rfid import impinj
from devices.rfid.impinj import ImpinjReader
from devices.rfid.interface import Inventory, TagRead, TagReader
from devices.rfid.json_events import Dialect
from devices.rfid.llrp import LlrpReader
from devices.rfid.llrp_link import Patience
from devices.rfid.mqtt_reader import MqttReader
from devices.rfid.simulated import SimulatedReader
from devices.rfid.simulated_impinj import SimulatedImpinj
from devices.rfid.simulated_mqtt import SimulatedPublisher
from edge.demo.daemons import free_port
from tests.devices.brokers import LOOPBACK, OpenBroker, amqtt, mosquitto

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


class ImpinjTable:
    def __init__(self, simulated: SimulatedImpinj) -> None:
        self.simulated = simulated
        self.reader = ImpinjReader(
            host=simulated.host,
            port=simulated.port,
            user=simulated.user,
            password=simulated.password,
            certificate=None,
            inventory=INVENTORY,
            patience=impinj.Patience(answer_s=1.0, probe_s=0.2, silence_s=0.6),
        )

    async def show(self, tags: Iterable[TagRead]) -> None:
        await self.simulated.show(tags)

    async def lose_power(self) -> None:
        await self.simulated.power_off()

    async def get_power(self) -> None:
        await self.simulated.power_on()

    def go_mute(self) -> None:
        self.simulated.is_mute = True

    async def send_nonsense(self) -> None:
        await self.simulated.send_line(b'{"tagInventoryEvent": {"epcHex": "30740')


@asynccontextmanager
async def impinj_stream() -> AsyncIterator[ImpinjTable]:
    async with SimulatedImpinj() as simulated:
        yield ImpinjTable(simulated)


class MqttTable:
    """The reader's power is the broker's here: what is lost is the link."""

    def __init__(self, open_broker: OpenBroker, dialect: Dialect, port: int) -> None:
        self.broker = AsyncExitStack()
        self.open_broker, self.port = open_broker, port
        topics = ("store/gate/reads", "store/gate/life")
        self.simulated = SimulatedPublisher(MqttPort(LOOPBACK, port), dialect, *topics, heartbeat_s=0.2)
        self.reader = MqttReader(MqttPort(LOOPBACK, port), dialect, *topics, silence_s=0.8, window_s=WINDOW_S)

    async def show(self, tags: Iterable[TagRead]) -> None:
        await self.simulated.show(tags)

    async def lose_power(self) -> None:
        await self.broker.aclose()

    async def get_power(self) -> None:
        await self.broker.enter_async_context(self.open_broker(self.port))
        await self.broker.enter_async_context(self.simulated)

    def go_mute(self) -> None:
        self.simulated.is_mute = True

    async def send_nonsense(self) -> None:
        await self.simulated.send(b'[{"tagInventoryEvent": 1, "data": 1}]')


@asynccontextmanager
async def heard_through(open_broker: OpenBroker, dialect: Dialect) -> AsyncIterator[MqttTable]:
    table = MqttTable(open_broker, dialect, free_port(0))
    await table.get_power()
    try:
        yield table
    finally:
        await table.lose_power()


@asynccontextmanager
async def llrp() -> AsyncIterator[LlrpTable]:
    async with SimulatedReader() as simulated:
        yield LlrpTable(simulated)


MAKES = {
    "llrp": llrp,
    "impinj": impinj_stream,
    "impinj by mqtt": partial(heard_through, amqtt, "impinj"),
    "zebra by mqtt": partial(heard_through, amqtt, "zebra"),
    "zebra by mosquitto": partial(heard_through, mosquitto, "zebra"),
}
