"""Published test vectors and lists, for whoever keeps them beside the checkout."""

import json
from pathlib import Path
from typing import Any

import pytest

PLACE = Path("shared", "data")
FOLDER = next((folder / PLACE for folder in Path(__file__).resolve().parents if (folder / PLACE).is_dir()), PLACE)


def published(name: str) -> Path:
    """Return the place of one file. Skips the test that asks when the file is not there."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the checkout")
    return path


def cases(name: str) -> list[dict[str, Any]]:
    """Return the cases of one file of vectors. Skips the test that asks when the file is not there."""
    found: list[dict[str, Any]] = json.loads(published(f"vectors/{name}.json").read_text(encoding="utf-8"))["cases"]
    return found
