"""A real pcscd of our own, with a virtual reader (vsmartcard) on its own loopback.

The virtual reader listens on all addresses for its card, and pcscd's socket has a fixed path. So pcscd runs in
namespaces of its own: nobody outside can reach the reader, no other pcscd is disturbed, and its socket stands in our
folder. Messages to the card have two bytes of length before them.
"""

import asyncio
import ctypes
import fcntl
import shutil
import socket
import struct
import subprocess
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from devices.card_readers.simulated import SimulatedCard

DRIVERS = ("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "/usr/lib64/pcsc/drivers/serial/libifdvpcd.so")
READER = "Till reader"
CARD_PORT = 35963  # inside
START_S = 10.0
TELL_ATR = b"\x04"  # the other messages of one byte (off, on, reset) want no answer
NAMESPACES = ["unshare", "--mount", "--net"]
IN_OWN_PLACE = 'mount -t tmpfs none /run && mkdir /run/pcscd && mount --bind "$1" /run/pcscd && exec pcscd -f -c "$2"'
SET_FLAGS, UP = 0x8914, 0x1  # SIOCSIFFLAGS, IFF_UP
NETWORK = 0x40000000  # CLONE_NEWNET


def what_is_missing() -> str | None:
    """Return why a pcscd of our own cannot run here, or None."""
    if find_spec("smartcard") is None:
        return "pyscard is not installed"
    if not (shutil.which("pcscd") and shutil.which("unshare") and driver()):
        return "pcscd or vsmartcard-vpcd is not installed"
    allowed = subprocess.run([*NAMESPACES, "mount", "-t", "tmpfs", "none", "/run"], check=False, capture_output=True)
    return None if allowed.returncode == 0 else "no right to namespaces"


def driver() -> str | None:
    return next((path for path in DRIVERS if Path(path).exists()), None)


@dataclass
class VirtualPcscd:
    """Runs inside `async with`; clients find it by PCSCLITE_CSOCK_NAME = `socket`."""

    folder: Path
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _card: "asyncio.Task[None] | None" = field(default=None, init=False)

    @property
    def socket(self) -> Path:
        return self.folder / "pcscd.comm"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.pull()
        await self.stop()

    async def start(self) -> None:
        configuration = self.folder / "reader.conf.d"
        configuration.mkdir(exist_ok=True)
        (configuration / "virtual").write_text(
            f'FRIENDLYNAME "{READER}"\nDEVICENAME /dev/null:{CARD_PORT}\nLIBPATH {driver()}\nCHANNELID {CARD_PORT}\n'
        )
        command = [*NAMESPACES, "sh", "-c", IN_OWN_PLACE, "sh", str(self.folder), str(configuration)]
        with (self.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            async with asyncio.timeout(START_S):
                while not self.socket.exists():
                    assert self._process.returncode is None, (self.folder / "log").read_text()
                    await asyncio.sleep(0.02)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        if self._process:
            self._process.terminate()
            await self._process.wait()
            self._process = None

    async def insert(self, card: SimulatedCard) -> None:
        assert self._process
        connection = await asyncio.to_thread(connected_inside, self._process.pid)
        self._card = asyncio.create_task(serve(connection, card))

    async def pull(self) -> None:
        if self._card:
            self._card.cancel()
            await asyncio.gather(self._card, return_exceptions=True)
            self._card = None


def connected_inside(pid: int) -> socket.socket:
    """Return a connection to the virtual reader of a process.

    A socket belongs to the network in which it was made, wherever it is used later.
    """
    with Path(f"/proc/{pid}/ns/net").open() as network, Path("/proc/thread-self/ns/net").open() as home:
        enter = ctypes.CDLL(None, use_errno=True).setns
        assert enter(network.fileno(), NETWORK) == 0
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
                fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP))
            return socket.create_connection(("127.0.0.1", CARD_PORT), START_S)
        finally:
            assert enter(home.fileno(), NETWORK) == 0


async def serve(connection: socket.socket, card: SimulatedCard) -> None:
    """Answer as the card until it is pulled."""
    connection.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        while True:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # length and message come apart
            length = int.from_bytes(await reader.readexactly(2), "big")
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            message = await reader.readexactly(length)
            if length == 1:
                answer = card.atr if message == TELL_ATR else b""
            elif (answer := card.answer(message) or b"") == b"":
                return
            if answer:
                writer.write(len(answer).to_bytes(2, "big") + answer)
    except (OSError, asyncio.IncompleteReadError):
        pass  # pcscd ended
    finally:
        writer.transport.abort()
