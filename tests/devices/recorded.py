"""Frames kept as fixtures; each says where it came from."""

import json
from pathlib import Path
from typing import Any

FRAMES = Path(__file__).parent / "frames"


def frames(kind: str, make: str) -> list[dict[str, Any]]:
    """Return the frames of one make."""
    recorded: list[dict[str, Any]] = json.loads((FRAMES / kind / f"{make}.json").read_text(encoding="utf-8"))
    assert all(frame["source"] for frame in recorded)
    return recorded
