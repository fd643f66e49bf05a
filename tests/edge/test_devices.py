"""Every kind of device of a configuration is served by the running daemon."""

from pathlib import Path
from typing import Any

from devices.card_terminals.simulated import SimulatedTerminal
from devices.displays.simulated import SimulatedDisplay
from devices.ports.simulated import PtyLine
from devices.scales.simulated import SimulatedScale
from edge import app
from edge.fleet import service as fleet
from tests.edge.small_shop import NODE, HandClock, assortment, publish, settings
from tests.world import until


async def test_every_kind_gets_ready_and_shows_what_it_is_for(tmp_path: Path) -> None:
    async with app.open_database(tmp_path) as db:
        await db.transact(fleet.key_for_enrolment)
        await db.transact(fleet.enrol, NODE)
    scale = SimulatedScale(PtyLine(tmp_path / "scale0"), "toledo", gross_g=250)
    pole = SimulatedDisplay(PtyLine(tmp_path / "pole0"))
    await scale.plug()
    await pole.plug()
    async with SimulatedTerminal() as terminal:
        devices: list[dict[str, Any]] = [
            {"kind": "scale", "make": "toledo", "name": "scale", "path": str(tmp_path / "scale0")},
            {"kind": "display", "make": "escpos", "name": "pole", "path": str(tmp_path / "pole0")},
            {"kind": "card_terminal", "make": "simulated", "name": "terminal", "port": terminal.port},
            {"kind": "card_reader", "make": "pcsc", "name": "badges", "reader": "no such reader"},
        ]
        async with app.selling(settings(devices=tuple(devices)), tmp_path, HandClock()) as (shop, _):
            await publish(shop.catalogue, *assortment())

            async def is_as_expected() -> bool:
                states = {name: state.state for name, state in shop.devices.items()}
                return states == {"scale": "ready", "pole": "ready", "terminal": "ready", "badges": "failed"}

            async def greets() -> bool:
                shop.announce_lane("kiosk")
                return pole.rows[0].rstrip() == "Corner shop"

            await until(is_as_expected)
            await until(greets)
    await scale.unplug()
    await pole.unplug()
