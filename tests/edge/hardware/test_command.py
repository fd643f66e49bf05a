"""`shopwright-edge devices`, with the daemon running and without."""

import asyncio
import json
from pathlib import Path

import pytest

from devices.ports.recording import script_of
from devices.ports.scripted import ScriptedPort
from devices.ports.simulated import TcpLine
from devices.printers.simulated import VirtualPrinter
from devices.scales.simulated import SimulatedScale
from devices.scanners.interface import Scan
from devices.scanners.serial_scanner import SerialScanner
from devices.scanners.simulated import SimulatedScanner
from edge import config as configuration
from edge.config import Config
from edge.hardware import command
from shared.errors import NotFound, ShopwrightError
from tests.edge.hardware.test_devices import Site, site
from tests.edge.test_main import edge, write_config

__all__ = ["site"]

PRINTER = '[[devices]]\nkind = "printer"\nmake = "escpos"\nname = "till"\nport = {port}\n'
SCALE = '[[devices]]\nkind = "scale"\nmake = "cas"\nname = "scale"\nhost = "127.0.0.1"\nport = {port}\n'
DRAWER = '[[devices]]\nkind = "drawer"\nmake = "printer"\nname = "it"\nprinter = "till"\n'
TAGS = '[[devices]]\nkind = "rfid"\nmake = "mqtt"\nname = "it"\ndialect = "zebra"\ntopic = "tags"\n'
SCANNER = '[[devices]]\nkind = "scanner"\nmake = "serial"\nname = "hand"\npath = "{path}"\n'


def configured(folder: Path, *devices: str, port: int = 0) -> Config:
    path = write_config(folder)
    path.write_text(path.read_text().replace("[http]\nport = 0", f"[http]\nport = {port or 1}") + "".join(devices))
    return configuration.read(path)[0]


@pytest.fixture
def said() -> list[str]:
    return []


def test_without_a_daemon_it_says_so_and_lists_what_is_configured(tmp_path: Path, said: list[str]) -> None:
    command.show(configured(tmp_path, PRINTER.format(port=9_100)), said.append)

    assert "daemon does not run" in said[0]
    assert said[1].startswith("till             printer escpos     127.0.0.1:9100")


async def test_the_command_line_lists_devices(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    path.write_text(path.read_text().replace("[http]\nport = 0", "[http]\nport = 1"))

    code, output, _ = await edge("devices", "--config", path)

    assert code == 0
    assert "No device is configured." in output


async def test_a_running_daemon_is_asked(site: Site, tmp_path: Path, said: list[str]) -> None:
    config = configured(tmp_path, port=int(site.url.rsplit(":", 1)[1]))

    await asyncio.to_thread(command.show, config, said.append)

    (table,) = said
    assert [line.split()[0] for line in table.splitlines()[:3]] == ["cash", "hand", "till"]
    assert "ready" in table


async def test_a_printer_is_tried_out_without_a_daemon(tmp_path: Path, said: list[str]) -> None:
    async with VirtualPrinter() as printer:
        config = configured(tmp_path, PRINTER.format(port=printer.port))
        await command.test(config, "till", said.append)

        assert len(printer.receipts) == 1
    assert said == ["Printing a page …", "till works."]


async def test_what_is_not_configured_is_not_tried(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(NotFound):
        await command.test(configured(tmp_path), "till", said.append)


async def test_a_recording_is_a_fixture(tmp_path: Path, said: list[str]) -> None:
    hand = SimulatedScanner(tmp_path)
    config, file = configured(tmp_path, SCANNER.format(path=hand.path)), tmp_path / "hand.jsonl"
    recording = asyncio.create_task(command.record(config, "hand", file, "a scanner on the table", said.append))
    await hand.scan("4006381333931", symbology="EAN-13/UPC")
    await hand.scan("next")
    async with asyncio.timeout(5):
        while "next" not in said:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    recording.cancel()
    await asyncio.gather(recording, return_exceptions=True)
    hand.unplug()

    first = json.loads(file.read_text().splitlines()[0])
    assert (first["source"], first["device"]["name"]) == ("a scanner on the table", "hand")
    played = SerialScanner(ScriptedPort(script_of(file)))
    assert [await played.read(), await played.read()] == [Scan("4006381333931", "EAN-13/UPC"), Scan("next", None)]


async def test_what_a_scale_is_asked_and_answers_is_recorded(tmp_path: Path, said: list[str]) -> None:
    scale = SimulatedScale(TcpLine(), "cas", gross_g=1_250)
    await scale.plug()
    config, file = configured(tmp_path, SCALE.format(port=scale.line.port)), tmp_path / "scale.jsonl"
    await command.record(config, "scale", file, "a scale on the table", said.append)
    await scale.unplug()

    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert said[-1] == "1.250 kg"
    assert [event["written"] for event in events if "written" in event] == ["05", "11"]
    assert script_of(file)[-1].endswith(b" 01.250kgg\x03\x04")  # weight, check sum, end


async def test_what_has_no_line_is_not_recorded_and_leaves_no_file(tmp_path: Path, said: list[str]) -> None:
    for entry in (DRAWER, TAGS):
        config = configured(tmp_path, PRINTER.format(port=9_100), entry)
        with pytest.raises(ShopwrightError, match="no line of its own"):
            await command.record(config, "it", tmp_path / "it.jsonl", "", said.append)

    assert not (tmp_path / "it.jsonl").exists()


async def test_nothing_is_recorded_while_the_daemon_has_the_line(site: Site, tmp_path: Path, said: list[str]) -> None:
    config = configured(tmp_path, PRINTER.format(port=9_100), port=int(site.url.rsplit(":", 1)[1]))

    with pytest.raises(ShopwrightError, match="daemon runs"):
        await asyncio.to_thread(asyncio.run, command.record(config, "till", tmp_path / "it.jsonl", "", said.append))


async def test_a_recording_is_never_written_over(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "kept.jsonl").write_text("kept")
    config = configured(tmp_path, PRINTER.format(port=9_100))

    with pytest.raises(ShopwrightError, match=r"kept\.jsonl already"):
        await command.record(config, "till", tmp_path / "kept.jsonl", "", said.append)
