"""Where a device with a serial line is reached: at this box, or behind a serial server in the network."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from devices.ports.port import Port
from devices.ports.serial import SerialPort
from devices.ports.tcp import TcpPort
from shared.model.strict import Name, Strict


class LineSettings(Strict):
    """Either `path` or `host` and `port`."""

    path: Name | None = None  # a stable name, "/dev/store/scale0"
    baud: Annotated[int, Field(ge=1_200, le=921_600)] = 9600
    host: Name | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if (self.path is None) == (self.host is None) or (self.host is None) != (self.port is None):
            raise ValueError("say either path, or host and port")
        return self


def port_of(line: LineSettings) -> Port:
    """Return the way to the device; nothing is opened yet."""
    if line.path is not None:
        return SerialPort(line.path, line.baud)
    assert line.host is not None
    assert line.port is not None
    return TcpPort(line.host, line.port)
