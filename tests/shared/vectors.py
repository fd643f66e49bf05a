"""Published test vectors, for whoever keeps them beside the checkout."""

import json
from pathlib import Path
from typing import Any

import pytest

PLACE = Path("shared", "data", "vectors")
FOLDER = next((folder / PLACE for folder in Path(__file__).resolve().parents if (folder / PLACE).is_dir()), PLACE)


def cases(name: str) -> list[dict[str, Any]]:
    """Return the cases of one file. Skips the test that asks when the file is not there."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the vectors {name}.json are not beside the checkout")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return found
