"""`shopwright-edge devices`: the same for people at a terminal, with the daemon running or not."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from devices import drivers
from devices.discovery import discover
from devices.errors import BadFrame
from devices.ports.recording import tapped
from devices.scanners.interface import Scanner
from devices.trials import SCAN_WAIT_S, TRIALS, told
from edge.config import Config
from edge.hardware import service
from edge.hardware.models import BoundDevice, DevicesView, Tried, UnboundDevice
from shared.errors import Conflict, Invalid, NotFound, ShopwrightError

Say = Callable[[str], None]
ANSWER_WAIT_S = SCAN_WAIT_S + 10.0
TRYING = "Trying it out …"
ASKS = {
    "scanner": "Scan a code now.",
    "printer": "Printing a page …",
    "drawer": "Opening the drawer …",
    "scale": "Reading the scale …",
    "display": "Showing a text …",
    "card_reader": "Put a card on the reader now.",
    "card_terminal": "Asking the terminal …",
    "rfid": "Looking for tags …",
}


class TestFailed(ShopwrightError):
    """{problem}"""

    hint = "When that is mended, test again."


class NotRecordable(Invalid):
    """{device} has no line of its own to record."""

    hint = "Record the device that it hangs on."


class DaemonRuns(Conflict):
    """The daemon runs, and reads the device itself."""

    hint = "Stop the daemon first; nothing can be sold until it is started again."


class FileTaken(Conflict):
    """There is a file {file} already."""

    hint = "Name another file; recordings are never written over."


def show(config: Config, say: Say) -> None:
    """Say what is bound and what is not; how devices are doing is asked of the daemon, if it runs."""
    answer = _ask_daemon(config, "/api/devices")
    view = DevicesView.model_validate_json(answer) if answer else None
    if view is None:
        say("The daemon does not run here, so nobody watches the devices.\n")
        view = service.view(config.devices, {}, discover())
    say(text_of(view))


async def test(config: Config, name: str, say: Say) -> None:
    """Try a device out, through the daemon if it runs. Raises NotFound, TestFailed, and what devices raise."""
    settings = _named(config, name)
    say(ASKS.get(settings.kind, TRYING))
    answer = _ask_daemon(config, f"/api/devices/{name}/test", "{}")
    read = Tried.model_validate_json(answer).read if answer else await _try_alone(config, settings)
    say(f"{name} works. {read}".rstrip())


async def _try_alone(config: Config, settings: drivers.DeviceSettings) -> str:
    if settings.kind not in TRIALS:
        raise NotFound(kind="test", name=settings.name)
    async with _opened(config) as devices:
        return await TRIALS[settings.kind](devices[settings.name], settings.name)


@asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[Mapping[str, Any]]:
    """Give the devices by name; at the end their links are given up."""
    devices = drivers.build_all(config.devices)
    try:
        yield devices
    finally:
        for device in devices.values():
            if hasattr(device, "close"):  # a drawer's link is its printer's
                await device.close()


async def record(config: Config, name: str, file: Path, source: str, say: Say) -> None:
    """Keep what goes over a device's line while it is tried out; a scanner scans on until Ctrl-C.

    A line has one reader. Raises NotFound, DaemonRuns, FileTaken, NotRecordable, and what devices raise.
    """
    settings = _named(config, name)
    if _ask_daemon(config, "/api/devices"):
        raise DaemonRuns
    with ExitStack() as files:

        def keep(event: dict[str, object]) -> None:
            recording.write(json.dumps(event) + "\n")
            recording.flush()

        async with _opened(config) as devices:
            device = devices[name]
            if not tapped(device, keep):
                raise NotRecordable(device=name)
            try:
                recording = files.enter_context(file.open("x", encoding="utf-8"))
            except FileExistsError as taken:
                raise FileTaken(file=file) from taken
            keep({"source": source, "device": settings.model_dump(mode="json", exclude={"password"})})
            if settings.kind == "scanner":
                await _scan_on(device, say)
            else:
                say(ASKS.get(settings.kind, TRYING))
                say(await TRIALS[settings.kind](device, name) or "Done.")


async def _scan_on(scanner: Scanner, say: Say) -> None:
    await scanner.open()
    say(ASKS["scanner"])
    try:
        while True:
            try:
                say(told(await scanner.read()))
            except BadFrame as problem:
                say(f"{problem.title} {problem.hint}")
    finally:
        await scanner.close()


def text_of(view: DevicesView) -> str:
    """Return the devices as a table for a terminal."""
    lines = [_line(device) for device in view.bound] or ["No device is configured."]
    for one in view.unbound:
        lines += ["", *_offer(one)]
    return "\n".join(lines)


def _line(device: BoundDevice) -> str:
    wrong = f": {device.title} {device.hint}" if device.title else ""
    return f"{device.name:<16} {device.kind} {device.make:<10} {device.address:<32} {device.state}{wrong}"


def _offer(device: UnboundDevice) -> list[str]:
    lines = [f"Not in use: {device.title} ({device.sort}, now at {device.path}). To use it, add to the configuration:"]
    for offer in device.offers:
        lines += [f"    {line}" for line in offer.splitlines()]
    return lines


def _named(config: Config, name: str) -> drivers.DeviceSettings:
    for settings in config.devices:
        if settings.name == name:
            return settings
    raise NotFound(kind="device", name=name)


def _ask_daemon(config: Config, path: str, body: str | None = None) -> bytes | None:
    """Return the daemon's answer, None when it does not run. Raises TestFailed with what it says is wrong."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {config.attendant_key or ''}"}
    url = f"http://{config.http.host}:{config.http.port}{path}"
    try:
        with urlopen(Request(url, body.encode() if body else None, headers), timeout=ANSWER_WAIT_S) as answer:
            return bytes(answer.read())
    except HTTPError as refused:
        raise TestFailed(problem=_told_by(refused)) from refused
    except URLError:
        return None
    except (TimeoutError, ConnectionError, HTTPException) as silent:  # it took the question
        raise TestFailed(problem="The daemon runs, and does not answer.") from silent


def _told_by(refused: HTTPError) -> str:
    try:
        problem = json.load(refused)
        return f"{problem['title']} {problem['hint']}"
    except (ValueError, KeyError, TypeError):  # somebody else listens there
        return f"The daemon's port answers {refused.code} {refused.reason}."
