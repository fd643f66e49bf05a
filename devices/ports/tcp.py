"""A TCP connection, as network printers offer on port 9100 and RFID readers on 5084; with a certificate, in TLS."""

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from devices.errors import DeviceDisconnected, DeviceSilent, DeviceUntrusted
from devices.ports.port import READ_BYTES_MAX
from devices.ports.tls import trusting

# The kernel would gladly hold megabytes for a printer that hangs. With little room there, a write that returns means
# that the device took nearly all that was written before.
SEND_BUFFER_BYTES = 16 * 1024
CONNECT_TIMEOUT_S = 3.0  # a device in the same shop answers within milliseconds or is away


@dataclass(slots=True)
class TcpPort:
    """A TCP client. Received bytes wait in a buffer of 2 * READ_BYTES_MAX at most; sent ones only in the kernel."""

    host: str
    port: int
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    certificate: Path | None = None  # whom to trust; None: no TLS
    _reader: asyncio.StreamReader | None = field(default=None, init=False)
    _writer: asyncio.StreamWriter | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    async def open(self) -> None:
        await self.close()
        try:
            context = trusting(self.certificate) if self.certificate else None
            async with asyncio.timeout(self.connect_timeout_s):
                self._reader, self._writer = await asyncio.open_connection(
                    self.host, self.port, limit=READ_BYTES_MAX, ssl=context
                )
        except ssl.SSLCertVerificationError as problem:
            raise DeviceUntrusted(address=self.address, problem=problem.verify_message) from problem
        except (OSError, TimeoutError) as problem:
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem
        # With no room in our own buffer, `drain` waits until the kernel took everything.
        self._writer.transport.set_write_buffer_limits(high=0)
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        # Finds out about a printer that lost its power without a word.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    async def read(self) -> bytes:
        if self._reader is None:
            raise DeviceDisconnected(address=self.address, problem="closed")
        try:
            data = await self._reader.read(READ_BYTES_MAX)
        except OSError as problem:
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem
        if not data:
            raise DeviceDisconnected(address=self.address, problem="end of input")
        return data

    async def write(self, data: bytes, timeout_s: float) -> None:
        if self._writer is None:
            raise DeviceDisconnected(address=self.address, problem="closed")
        try:
            async with asyncio.timeout(timeout_s):
                self._writer.write(data)
                await self._writer.drain()
        except TimeoutError as problem:
            raise DeviceSilent(address=self.address) from problem
        except OSError as problem:
            raise DeviceDisconnected(address=self.address, problem=str(problem)) from problem

    async def close(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        if writer:
            writer.transport.abort()  # a polite close would still send what we gave up on
            with contextlib.suppress(OSError):
                await writer.wait_closed()
