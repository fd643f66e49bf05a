"""The time, chance and the environment come in at one place each, and deciding never waits."""

import ast
from pathlib import PurePosixPath

import pytest

from tests.tidy.imports import uses
from tests.tidy.tree import Tree, demand, planted, python

TIME = {
    *(f"time.{name}" for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time")),
    *(f"time.{name}_ns" for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time")),
    *(f"time.{name}" for name in ("localtime", "gmtime", "ctime", "asctime", "strftime")),
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    "sqlalchemy.func.now",
}
CHANCE = {"random", "secrets", "uuid.uuid1", "uuid.uuid4", "os.urandom", "os.getrandom"}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.putenv"}

HOMES = (  # what, and where it may stand
    (TIME - {"time.time_ns"}, ("shared/clock.py",)),
    ({"time.time_ns"}, ("shared/clock.py", "shared/ids.py")),  # a UUIDv7 begins with the time
    (CHANCE, ("shared/ids.py",)),
    (ENVIRONMENT, ("edge/config.py", "cloud/config.py")),
)
DECIDING = ("service.py", "storage.py", "models.py", "shared/promotions/*.py", "shared/promotions/*/*.py")


def surprises(tree: Tree) -> list[str]:
    """Return uses of what differs from run to run, away from home."""
    return [
        f"{path}:{line} uses {name}"
        for path, module in python(tree)
        for name, line in uses(path, module)
        for names, homes in HOMES
        if _is_of(name, names) and not _is_at(path, homes)
    ]


def _is_of(name: str, names: set[str]) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in names)


def _is_at(path: PurePosixPath, patterns: tuple[str, ...]) -> bool:
    return any(path.match(pattern) for pattern in patterns)


def waits(tree: Tree) -> list[str]:
    """Return functions that may pause where things are decided."""
    return [
        f"{path}:{node.lineno} waits in {node.name}"
        for path, module in python(tree)
        if _is_at(path, DECIDING)
        for node in ast.walk(module)
        if isinstance(node, ast.AsyncFunctionDef)
    ]


def test_only_its_home_reads_the_time_draws_chance_or_reads_the_environment() -> None:
    demand(surprises)


def test_services_storage_models_and_promotions_never_wait() -> None:
    demand(waits)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("edge/shop.py", "import time\nx = time.time()"),
        ("edge/shop.py", "from time import monotonic as tick\ndef f(clock=tick): pass"),
        ("shared/ids.py", "import time\ndef f(): return time.time()"),  # only time_ns, for ids
        ("edge/shop.py", "import datetime\ndef f(): return datetime.datetime.now(datetime.UTC)"),
        ("edge/shop.py", "from datetime import date\ndef f(): return date.today()"),
        ("cloud/orders/storage.py", "from sqlalchemy import func\ndef f(): return func.now()"),
        ("edge/shop.py", "import random\ndef f(): return random.random()"),
        ("edge/shop.py", "from secrets import token_hex\ndef f(): return token_hex()"),
        ("edge/shop.py", "import uuid\ndef f(): return str(uuid.uuid4())"),
        ("edge/shop.py", "import os as system\nkey = system.urandom(32)"),
        ("shared/clock.py", "import secrets\nx = secrets.choice([1])"),
        ("edge/app.py", "import os\nx = os.environ['HOME']"),
        ("shared/settings.py", "from os import getenv\nx = getenv('HOME')"),
    ],
)
def test_a_surprise_is_found(path: str, text: str) -> None:
    assert len(surprises(planted({path: text}))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shared/clock.py", "import time\nx = time.monotonic"),
        ("shared/ids.py", "import secrets, time\nx = secrets.randbits(time.time_ns())"),
        ("cloud/config.py", "import os\nx = os.environ"),
        ("edge/shop.py", "from datetime import datetime, time\nx = datetime.fromisoformat('2026-01-01'), time(4, 0)"),
        ("edge/shop.py", "import random\ndef f(chance: random.Random) -> random.Random: ..."),  # given, not drawn
        ("edge/shop.py", "import os\nx = os.fsync"),
    ],
)
def test_what_surprises_nobody_is_free(path: str, text: str) -> None:
    assert surprises(planted({path: text})) == []


@pytest.mark.parametrize(
    "path",
    ["edge/orders/service.py", "cloud/orders/storage.py", "edge/orders/models.py", "shared/promotions/families/x.py"],
)
def test_a_wait_is_found(path: str) -> None:
    assert len(waits(planted({path: "class A:\n    async def f(self): ..."}))) == 1


def test_doors_may_wait() -> None:
    assert waits(planted({"edge/orders/api.py": "async def f(): ..."})) == []
