"""Impinj's R700 and its kin by their IoT device interface: commands and a stream of events, both over HTTPS.

Source: Impinj IoT device interface 1.x, its OpenAPI document.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from devices.errors import DeviceDisconnected, DeviceError, DeviceRefused, DeviceSilent, DeviceUntrusted
from devices.ports.tls import trusting
from devices.rfid.hand_over import HandOver
from devices.rfid.interface import Inventory, TagReads
from devices.rfid.json_events import PAYLOAD_BYTES_MAX, parse_events
from devices.rfid.window import Window
from shared.model.strict import Code, Name, Strict

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientTimeout

PORTS = (1, 2, 3, 4)  # of an R700: it has no word for "all"
POWER_CDBM = 3_000  # 30 dBm, which every region and power over Ethernet allow: it has no word for "as before"
RF_MODE = 4  # the reader finds its mode by itself; one that every region has
ANSWER_BYTES_MAX = 2_000  # of a refusal's own words
CHUNK_BYTES = 64 * 1024


class ImpinjSettings(Strict):
    """One Impinj reader of a node."""

    kind: Literal["rfid"]
    make: Literal["impinj"]
    name: Code
    host: Name
    port: Annotated[int, Field(ge=1, le=65_535)] = 443
    certificate: Name  # a PEM file, the reader's own or its authority's: passwords go to nobody else
    user: Name = "root"
    password: Name
    inventory: Inventory = Inventory()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a reader."""

    answer_s: float = 10.0  # stopping the radio takes it seconds
    probe_s: float = 4.0  # how often it is asked for a sign of life: a quiet gate sends no events
    silence_s: float = 15.0  # without an event and without an answer it is dead, or the line half open


@dataclass(slots=True)
class ImpinjReader:
    """Commands and the stream of events are separate requests; a third one asks for signs of life."""

    host: str
    port: int
    user: str
    password: str
    certificate: Path | None  # None: plain HTTP, for a simulated reader on this machine
    inventory: Inventory = field(default_factory=Inventory)
    patience: Patience = field(default_factory=Patience)
    _session: "ClientSession | None" = field(default=None, init=False)
    _hand_over: HandOver | None = field(default=None, init=False)
    _tasks: "list[asyncio.Task[None]]" = field(default_factory=list, init=False)
    _silence: asyncio.TimerHandle | None = field(default=None, init=False)
    _streams: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    async def open(self) -> None:
        await self.close()
        self._session = self._new_session()
        hand_over = self._hand_over = HandOver(Window(self.inventory.window_s))
        try:
            await self._command("profiles/stop")  # whatever somebody started
            self._sign_of_life(hand_over)
            streams = self._streams = asyncio.Event()
            self._tasks = [
                asyncio.create_task(self._stream(self._session, hand_over, streams)),
                asyncio.create_task(self._probe(self._session, hand_over)),
            ]
        except BaseException:
            await self.close()
            raise

    async def start(self) -> None:
        await self._command("profiles/inventory/start", inventory_request(self.inventory))
        # Some send the stream's first byte with the first event only, which tells that the inventory runs.
        try:
            async with asyncio.timeout(self.patience.answer_s):
                await self._streams.wait()
        except TimeoutError as late:
            raise DeviceSilent(address=self.address) from late

    async def stop(self) -> None:
        await self._command("profiles/stop")

    async def read(self) -> TagReads:
        if self._hand_over is None:
            raise DeviceDisconnected(address=self.address, problem="closed")
        return await self._hand_over.take()

    async def close(self) -> None:
        if self._silence:
            self._silence.cancel()
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        session, self._session = self._session, None
        if session:
            await session.close()
        if self._hand_over:
            self._hand_over.end(DeviceDisconnected(address=self.address, problem="closed"))

    def _new_session(self) -> "ClientSession":
        from aiohttp import ClientSession, TCPConnector, encode_basic_auth

        scheme = "https" if self.certificate else "http"
        try:
            trusted = trusting(self.certificate) if self.certificate else True
        except OSError as problem:
            raise DeviceUntrusted(address=self.address, problem=str(problem)) from problem
        return ClientSession(
            f"{scheme}://{self.address}/api/v1/",
            headers={"Authorization": encode_basic_auth(self.user, self.password)},
            connector=TCPConnector(ssl=trusted),
            read_bufsize=CHUNK_BYTES,
        )

    async def _command(self, path: str, body: dict[str, Any] | None = None) -> None:
        """Tell the reader to do something. Raises DeviceRefused with its own words, and what `open` does."""
        from aiohttp import ClientConnectorCertificateError, ClientError

        if self._session is None:
            raise DeviceDisconnected(address=self.address, problem="closed")
        try:
            async with self._session.post(
                path, json=body or {}, timeout=self._within(self.patience.answer_s)
            ) as answer:
                if not answer.ok:
                    words = (await answer.content.read(ANSWER_BYTES_MAX)).decode(errors="replace")
                    raise DeviceRefused(address=self.address, problem=f"{path}: {answer.status} {words}".strip())
        except ClientConnectorCertificateError as problem:
            raise DeviceUntrusted(address=self.address, problem=str(problem)) from problem
        except TimeoutError as problem:
            raise DeviceSilent(address=self.address) from problem
        except (ClientError, OSError) as problem:
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem

    async def _stream(self, session: "ClientSession", hand_over: HandOver, streams: asyncio.Event) -> None:
        """Take every event until the link ends; whatever ends it is told. streams: set once there is no more to wait
        for, an answer or a failure.
        """
        try:
            await self._take_all(session, hand_over, streams)
        except DeviceError as reason:
            hand_over.end(reason)
        except OSError as problem:
            hand_over.end(DeviceDisconnected(address=self.address, problem=str(problem)))
        except Exception as mistake:  # ours: the consumer must not wait for ever
            hand_over.end(mistake)
        finally:
            streams.set()

    async def _take_all(self, session: "ClientSession", hand_over: HandOver, streams: asyncio.Event) -> None:
        from aiohttp import ClientError

        lines = LineReader()
        try:
            async with session.get("data/stream", timeout=self._within(None)) as answer:
                if not answer.ok:
                    raise DeviceRefused(address=self.address, problem=f"data/stream: {answer.status}")
                streams.set()
                while data := await answer.content.readany():
                    self._sign_of_life(hand_over)
                    for line in lines.feed(data):
                        hand_over.put(*parse_events(line, "impinj"))
        except ClientError as problem:
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem
        raise DeviceDisconnected(address=self.address, problem="end of stream")

    async def _probe(self, session: "ClientSession", hand_over: HandOver) -> None:
        """Ask for signs of life. That none came is found out by the clock, not here."""
        from aiohttp import ClientError

        while True:
            await asyncio.sleep(self.patience.probe_s)
            try:
                async with session.get("status", timeout=self._within(self.patience.probe_s)) as answer:
                    await answer.content.read(ANSWER_BYTES_MAX)
            except (ClientError, OSError):
                continue
            self._sign_of_life(hand_over)

    def _sign_of_life(self, hand_over: HandOver) -> None:
        if self._silence:
            self._silence.cancel()
        silent = DeviceSilent(address=self.address)
        self._silence = asyncio.get_running_loop().call_later(self.patience.silence_s, hand_over.end, silent)

    def _within(self, limit_s: float | None) -> "ClientTimeout":
        from aiohttp import ClientTimeout

        return ClientTimeout(total=limit_s, sock_connect=self.patience.answer_s)


@dataclass(slots=True)
class LineReader:
    """Cuts a stream into lines, holding at most PAYLOAD_BYTES_MAX of an unfinished one."""

    _unfinished: bytes = b""
    _is_skipping: bool = field(default=False, init=False)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and return the lines they finish. Empty ones only say that the reader lives.

        A line that grows too long is returned as far as it came, which nobody can read; its rest is skipped.
        """
        *ended, self._unfinished = (self._unfinished + data).split(b"\n")
        if ended and self._is_skipping:
            ended.pop(0)
            self._is_skipping = False
        if len(self._unfinished) > PAYLOAD_BYTES_MAX:
            if not self._is_skipping:
                ended.append(self._unfinished)
            self._is_skipping = True
        if self._is_skipping:
            self._unfinished = b""
        return [line for line in ended if line.strip()]


def inventory_request(inventory: Inventory) -> dict[str, Any]:
    """Return the body that starts an inventory: each read reported at once, and of it what a TagRead has."""
    look = {
        "transmitPowerCdbm": POWER_CDBM if inventory.power_cdbm is None else inventory.power_cdbm,
        "rfMode": RF_MODE,
        "inventorySession": inventory.session,
        "inventorySearchMode": "dual-target",
        "estimatedTagPopulation": inventory.tag_population,
    }
    if inventory.reads_tid:
        look["fastId"] = "enabled"  # only chips that send it along with their EPC
    reporting = {"reportingIntervalSeconds": 0, "antennaIdentifier": "antennaPort", "tagIdentifier": "epc"}
    told = dict.fromkeys(("epcHex", "tidHex", "antennaPort", "peakRssiCdbm", "lastSeenTime"), "enabled")
    return {
        "antennaConfigs": [look | {"antennaPort": port} for port in inventory.antennas or PORTS],
        "eventConfig": {
            "common": {"hostname": "disabled"},
            "tagInventory": told | {"epc": "disabled", "tagReporting": reporting},
        },
    }


def open_impinj(settings: ImpinjSettings) -> ImpinjReader:
    return ImpinjReader(
        host=settings.host,
        port=settings.port,
        user=settings.user,
        password=settings.password,
        certificate=Path(settings.certificate),
        inventory=settings.inventory,
    )
