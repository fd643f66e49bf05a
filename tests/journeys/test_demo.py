"""The demo, unattended: real daemons as processes, and its own verdict."""

import asyncio
import json
import sys
from pathlib import Path


async def test_the_demo_sells_through_an_outage_and_judges_itself(tmp_path: Path) -> None:
    figures_at = tmp_path / "out.json"
    words = ("demo", "--orders", "12", "--seed", "7", "--outage", "1:3", "--json", str(figures_at), "--exit")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge", *words), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    said, _ = await process.communicate()
    figures = json.loads(figures_at.read_text())

    assert process.returncode == 0, said.decode()
    assert figures["orders_made"] == figures["orders_at_cloud"] == figures["receipts_printed"] == 12
    assert figures["missing"] == figures["duplicated"] == figures["receipts_with_decoded_total_wrong"] == 0
    assert figures["total_edge_minor"] == figures["total_cloud_minor"] > 0
    assert figures["orders_during_outage"] > 0


async def test_the_demo_refuses_what_it_cannot_do_before_it_starts(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge", "demo", "--outage", "8:3"),
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    _, errors = await process.communicate()

    assert process.returncode == 2
    assert b"20:35" in errors
