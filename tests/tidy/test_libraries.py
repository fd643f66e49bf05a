"""Each outside library has one home, so that it can be replaced there."""

import sys
from pathlib import PurePosixPath

import pytest

from tests.tidy.imports import all_imports
from tests.tidy.tree import OURS, Tree, demand, planted

DOORS = ("*/app.py", "*/callers.py", "edge/shop.py", "cloud/head_office.py", "shared/api/*.py")
HOMES: dict[str, tuple[str, ...]] = {
    "PIL": ("devices/*/*.py",),
    "aiohttp": (*DOORS, "edge/*/api.py", "cloud/*/api.py", "devices/rfid/*impinj.py", "edge/demo/gallery.py"),
    "aiomqtt": ("devices/ports/mqtt.py", "edge/broker/external.py"),
    "alembic": ("cloud/database.py", "cloud/migrations/*.py", "cloud/migrations/versions/*.py"),
    "amqtt": ("edge/broker/*.py",),
    "anyascii": ("devices/displays/text.py",),
    "apsw": ("edge/database.py",),
    "barcode": ("devices/printers/picture.py",),
    "cryptography": ("shared/protocol/*.py", "edge/fleet/*.py", "edge/sync/*.py", "edge/broker/certificate.py"),
    "escpos": ("devices/*/*.py",),
    "httpx2": ("edge/sync/*.py", "*/*/gateway.py", "edge/neighbours/calling.py", "edge/demo/*.py"),
    "joserfc": ("shared/protocol/token.py",),
    "networkx": ("shared/promotions/*.py",),
    "prometheus_client": ("edge/metrics.py", "edge/fleet/api.py"),
    "pydantic": ("*.py",),
    "pydantic_core": ("cloud/promotions/words.py",),  # errors of our own wording; it is pydantic's other half
    "qrcode": ("devices/printers/picture.py", "devices/displays/squares.py"),
    "rich": ("edge/demo/*.py",),
    "serial": ("devices/*/*.py",),
    "smartcard": ("devices/ports/smartcard.py",),
    "sqlalchemy": (
        "cloud/database.py",
        "cloud/requests.py",
        "cloud/*/storage.py",
        "cloud/sync/*.py",
        "cloud/migrations/versions/*.py",
    ),
    "sqlite3": (
        "edge/catalogue/storage.py",
        "edge/catalogue/memory.py",
        "shared/protocol/catalogue_file.py",
        "cloud/sync/snapshot.py",
    ),
    "structlog": ("*.py",),
    "typer": ("*/__main__.py",),
    "wcwidth": ("shared/receipts/*.py", "devices/printers/*.py"),
    "zstandard": ("cloud/sync/snapshot.py", "edge/catalogue/unpacking.py"),
}


def violations(tree: Tree) -> list[str]:
    """Return imports of a library away from its home, and of libraries that have none yet."""
    return [
        f"{path}:{found.line} imports {library}"
        for path, found in all_imports(tree)
        if (library := found.module.partition(".")[0]) not in OURS and not _at_home(path, library)
    ]


def _at_home(path: PurePosixPath, library: str) -> bool:
    if library in HOMES:
        return any(path.match(pattern) for pattern in HOMES[library])
    return library in sys.stdlib_module_names


def test_libraries_are_used_at_home() -> None:
    demand(violations)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("edge/orders/service.py", "from aiohttp import web"),
        ("edge/orders/storage.py", "import apsw"),
        ("cloud/orders/service.py", "from sqlalchemy import select"),
        ("cloud/orders/api.py", "def late():\n    import sqlalchemy.exc"),
        ("edge/orders/service.py", "import sqlite3"),
        ("edge/orders/api.py", "import httpx2"),
        ("edge/shop.py", "from amqtt.broker import Broker"),
        ("edge/intake.py", "from serial import Serial"),
        ("shared/receipts/paper.py", "from PIL import Image"),
        ("edge/config.py", "import typer"),
        ("edge/app.py", "from rich.table import Table"),
        ("shared/money.py", "import numpy"),  # nobody has said yet where it lives
    ],
)
def test_a_library_away_from_home_is_found(path: str, line: str) -> None:
    assert len(violations(planted({path: line}))) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("cloud/vouchers/api.py", "from aiohttp import web"),
        ("cloud/vouchers/storage.py", "from sqlalchemy import select"),
        ("cloud/notifications/gateway.py", "import httpx2"),
        ("devices/ports/serial.py", "from serial import Serial"),
        ("shared/money.py", "import decimal\nfrom pydantic import BaseModel\nfrom shared import ids"),
    ],
)
def test_a_library_at_home_is_free(path: str, line: str) -> None:
    assert violations(planted({path: line})) == []
