"""From a scanner's frame to what it means."""

import time

from devices.scanners.framing import Framer, parse
from shared import barcodes
from shared.retailers import retailer
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import by_turns, p99

LIMIT_MS = 1.0
FRAMES = (
    b"]E04006381333931\r",
    b"]C1010950600013435217991231310300012510LOT-7\x1d21A1\r",
    b"]d2010950600013435210B\x1d1727063021S\r",
    b"]Q1https://id.example.test/01/09506000134352/10/LOT-7?17=270630\r",
    b"2912345000004\r",
)
TURN = 400  # frames


def measure(rounds: int) -> list[Row]:
    plain = retailer("plain")

    def read_one(frame: bytes) -> float:
        begun = time.perf_counter()
        (whole,) = Framer().feed(frame)
        assert isinstance(whole, bytes)
        scan = parse(whole)
        barcodes.read(scan.text, plain, symbology=scan.symbology)
        return (time.perf_counter() - begun) * 1e3

    found = by_turns(rounds, {"frames": lambda _: [read_one(FRAMES[at % len(FRAMES)]) for at in range(TURN)]})
    times = [p99(samples) for samples in found["frames"]]
    return [Row("scan frame → product code, p99", "ms", times, f"{LIMIT_MS:g} ms", [LIMIT_MS] * rounds, 1.0)]
