"""The world's first morning, made once."""

import logging
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.simulator import template
from tests.simulator.many import disks
from tests.simulator.template import Template


@pytest.fixture(scope="session")
def morning() -> Iterator[Template]:
    with TemporaryDirectory(dir=disks()) as folder:
        yield template.make(Path(folder) / "template")


@pytest.fixture
def run_folder(morning: Template) -> Path:
    return morning.disks.parent / "run"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Servers that are sent broken bytes say so at length."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
