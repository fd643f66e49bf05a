"""The shelf's doors, open."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.shared.api import shelf


@pytest.fixture
async def app() -> web.Application:
    return shelf.application()


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(app)) as opened:
        yield opened
