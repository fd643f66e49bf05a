"""Brokers as stores have them: the one inside our daemon, and mosquitto."""

import asyncio
import getpass
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from tempfile import NamedTemporaryFile

import pytest
from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig

from tests.world import until

LOOPBACK = "127.0.0.1"
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")

OpenBroker = Callable[[int], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def amqtt(port: int) -> AsyncIterator[None]:
    broker = Broker(
        BrokerConfig(
            listeners={"default": ListenerConfig(bind=f"{LOOPBACK}:{port}")},
            plugins={"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        )
    )
    await broker.start()
    try:
        yield
    finally:
        await broker.shutdown()


@asynccontextmanager
async def mosquitto(port: int, options: str = "allow_anonymous true") -> AsyncIterator[None]:
    """options: lines of its configuration file."""
    if not MOSQUITTO:
        pytest.skip("mosquitto is not installed")
    with NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(f"user {getpass.getuser()}\nlistener {port} {LOOPBACK}\n{options}\n")
        file.flush()
        command = [MOSQUITTO, "-c", file.name]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
        try:
            await until(partial(is_open, port))
            yield
        finally:
            process.kill()
            await process.wait()


async def is_open(port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.close()
        await writer.wait_closed()
        return True
    return False
