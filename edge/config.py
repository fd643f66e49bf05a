"""The daemon's configuration, and the only place that reads the environment."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from devices.drivers import DeviceSettings
from edge.broker.settings import Broker, PortNumber, with_port
from shared import settings
from shared.errors import Misconfigured
from shared.model.strict import Strict
from shared.protocol.feed import WAIT_S_MAX

PREFIX = "SHOPWRIGHT_EDGE_"


Url = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[A-Za-z0-9.\[\]:_-]+(/[!-~]*)?$", max_length=500),
    AfterValidator(with_port),
]


class Listen(Strict):
    """Where screens on this box and in this store reach the daemon."""

    host: str = "127.0.0.1"
    port: PortNumber = 8080


class HeadOffice(Strict):
    """Where head office is."""

    url: Url
    push_every_s: Annotated[float, Field(gt=0, le=300)] = 1.0  # contact at least this often, even with nothing to say
    pull_every_s: Annotated[float, Field(gt=0, le=3600)] = 2.0  # where head office does not hold its answer back
    pull_wait_s: Annotated[float, Field(ge=0, le=WAIT_S_MAX)] = (
        20.0  # it may do so this long, and answers with the news
    )
    prices_old_after_s: Annotated[float, Field(gt=0, le=10_000_000)] = 3600.0  # then screens say how old they are


class Neighbours(Strict):
    """How the other boxes of this store are found and reached. They are proven by their keys, not by addresses."""

    host: str  # of this box in the store's network, or 0.0.0.0; copies of entries and parked baskets pass there
    port: PortNumber = 8087
    # Where beacons go: the same for all boxes of a store.
    group: Annotated[str, StringConstraints(pattern=r"^239(\.\d{1,3}){3}$")] = "239.255.83.87"
    beacon_port: PortNumber = 8088
    # A copy that head office still lacks after this long is brought there by whoever has a line.
    waits_s: Annotated[float, Field(gt=0, le=3600)] = 30.0
    # Of the other boxes, where the network carries no multicast.
    addresses: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+:\d{1,5}$", max_length=200)], ...] = ()


class Config(Strict):
    """Everything that may be set. Paths are relative to the configuration file."""

    data: str = "data"
    http: Listen = Listen()
    broker: Broker = Broker()
    head_office: HeadOffice
    neighbours: Neighbours | None = None  # None: this box is alone, or shall be
    devices: tuple[DeviceSettings, ...] = ()
    closes_days: bool = False  # a day that is over closes by itself, for boxes without staff
    # How long entries are kept that head office holds: one restored from an older backup cannot be refilled.
    journal_days: Annotated[int, Field(ge=1, le=3650)] = 30
    # Whoever knows it may refund. Without it nobody may.
    attendant_key: Annotated[str, StringConstraints(min_length=12, max_length=200)] | None = None
    log_level: Annotated[str, StringConstraints(pattern="^(debug|info|warning|error)$")] = "info"


def read(path: Path) -> tuple[Config, Path]:
    """Read the file and the environment. Returns the configuration and its data folder. Raises Misconfigured."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(problem=f"{path} cannot be read: {error}") from error
    config = settings.build(Config, text, os.environ, PREFIX)
    names = [device.name for device in config.devices]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise Misconfigured(problem=f"two devices are named {doubled[0]!r}")
    if sum(device.kind == "printer" for device in config.devices) > 1:
        raise Misconfigured(problem="a box prints on one printer, and two are configured")
    if sum(device.kind == "card_terminal" for device in config.devices) > 1:
        raise Misconfigured(problem="a box takes cards at one terminal, and two are configured")
    users = [user.name for user in config.broker.users]
    if len(users) > len(set(users)):
        raise Misconfigured(problem="two users of the broker have the same name")
    config = config.model_copy(update={"broker": config.broker.relative_to(path.parent)})
    return config, (path.parent / config.data).resolve()
