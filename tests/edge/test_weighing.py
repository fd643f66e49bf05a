"""What a scale shows reaches the store."""

import asyncio
import json
from functools import partial
from pathlib import Path

from devices.ports.serial import SerialPort
from devices.ports.simulated import PtyLine
from devices.scales.cas import CasScale
from devices.scales.simulated import SimulatedScale
from devices.supervision import BackOff, supervise
from edge.shop import Shop
from edge.weighing import keep_weighing
from tests.world import until


async def test_each_new_settled_weight_is_told_once_and_a_scale_that_was_away_goes_on(
    shop: Shop, tmp_path: Path
) -> None:
    line = PtyLine(tmp_path / "scale0")
    on_it = SimulatedScale(line, "cas", gross_g=1_234)
    scale = CasScale(SerialPort(str(line.path)), timeout_s=0.3)
    work = partial(keep_weighing, shop, "scale0", scale)
    weighing = asyncio.create_task(supervise("scale0", "scale", work, shop.device_changed, BackOff(0.02, 0.1)))

    async def is_failed() -> bool:
        return "scale0" in shop.devices and shop.devices["scale0"].code == "device-disconnected"

    def weights() -> list[int]:
        told = [message.body for message in shop.told if message.topic == "store/T1/scales/scale0"]
        return [json.loads(body)["grams"] for body in told]

    async def told(count: int) -> bool:
        return len(weights()) == count

    await until(is_failed)
    await on_it.plug()
    await until(partial(told, 1))
    on_it.is_moving = True
    on_it.gross_g = 2_000
    await asyncio.sleep(0.6)
    assert len(weights()) == 1
    on_it.is_moving = False
    await until(partial(told, 2))
    weighing.cancel()
    await asyncio.gather(weighing, return_exceptions=True)
    await on_it.unplug()

    assert weights() == [1_234, 2_000]
