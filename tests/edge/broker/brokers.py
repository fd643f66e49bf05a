"""Real brokers for tests: ours, and Debian's mosquitto with the same users and the same rules."""

import asyncio
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from edge.broker.embedded import open_own
from edge.broker.external import open_external
from edge.broker.guard import CONNECT_S
from edge.broker.link import Link
from edge.broker.settings import Broker, BrokerUser
from edge.broker.topics import ROLES
from edge.broker.users import hashed
from edge.demo.daemons import free_port

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
SECRETS = {name: f"secret of {name}" for name in ("screen", "gate", "reader", "other", "box", "exit")}
USERS: tuple[dict[str, Any], ...] = (
    {"name": "screen", "role": "listener"},
    {"name": "gate", "role": "receiver", "promised": ("orders", "refunds", "devices")},
    {"name": "exit", "role": "receiver"},
    {"name": "reader", "role": "device"},
    {"name": "other", "role": "device"},
    {"name": "box", "role": "service"},
)
DAEMON = "shopwright"


def settings(**changes: Any) -> dict[str, Any]:
    users = tuple({**user, "secret_sha256": hashed(SECRETS[user["name"]].encode())} for user in USERS)
    return {"port": 0, "users": users, **changes}


@dataclass(slots=True)
class OpenBroker:
    """A broker that runs, the daemon's link to it, and what the link was told."""

    link: Link
    port: int
    refusals: Counter[str] = field(default_factory=Counter)
    receipts: list[tuple[str, bytes]] = field(default_factory=list)

    def client(self, name: str | None, secret: str | None = None, **options: Any) -> aiomqtt.Client:
        return client(self.port, name, secret, **options)

    async def hears(self, listener: aiomqtt.Client, within_s: float = 5.0) -> tuple[str, bytes]:
        async with asyncio.timeout(within_s):
            message = await anext(aiter(listener.messages))
        assert isinstance(message.payload, bytes)
        return message.topic.value, message.payload

    async def hears_nothing(self, listener: aiomqtt.Client, within_s: float = 0.3) -> bool:
        with suppress(TimeoutError):
            await self.hears(listener, within_s)
            return False
        return True


def client(port: int, name: str | None, secret: str | None = None, **options: Any) -> aiomqtt.Client:
    """Return a stock client that proves to be `name`; nobody when it is None."""
    password = secret or (SECRETS[name] if name else None)
    return aiomqtt.Client("127.0.0.1", port, username=name, password=password, timeout=10, **options)


@asynccontextmanager
async def ours(folder: Path, connect_s: float = CONNECT_S, **changes: Any) -> AsyncIterator[OpenBroker]:
    refusals: Counter[str] = Counter()
    receipts: list[tuple[str, bytes]] = []
    given = Broker.model_validate(settings(**changes))

    def refused(reason: str) -> None:
        refusals[reason] += 1

    async with open_own(given, folder, lambda *receipt: receipts.append(receipt), refused, connect_s) as (own, port):
        yield OpenBroker(own, port, refusals, receipts)


@asynccontextmanager
async def mosquitto(folder: Path) -> AsyncIterator[OpenBroker]:
    port = set_up_mosquitto(folder)
    receipts: list[tuple[str, bytes]] = []
    given = Broker.model_validate({"url": mosquitto_url(port)})
    async with (
        running_mosquitto(folder, port),
        open_external(given, "node", lambda *receipt: receipts.append(receipt)) as link,
    ):
        yield OpenBroker(link, port, receipts=receipts)


def mosquitto_url(port: int) -> str:
    return f"mqtt://{DAEMON}:{DAEMON}@127.0.0.1:{port}"


def set_up_mosquitto(folder: Path) -> int:
    """Write mosquitto's files: our users and our rules in its own words. Returns a free port."""
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: .ci/packages mosquitto mosquitto-clients")
    port = free_port(0)
    folder.mkdir(exist_ok=True)
    passwords = folder / "passwords"
    passwords.touch(0o600)
    for name, secret in {**SECRETS, DAEMON: DAEMON}.items():
        subprocess.run(["mosquitto_passwd", "-b", str(passwords), name, secret], check=True, capture_output=True)
    rules = [f"user {DAEMON}", "topic readwrite #"]
    for user in map(BrokerUser.model_validate, USERS):
        rights = ROLES[user.role]
        rules += [f"user {user.name}", *(f"topic read {topic.format(name=user.name)}" for topic in rights.hears)]
        rules += [f"topic write {topic.format(name=user.name)}" for topic in rights.speaks]
    (folder / "rules").write_text("\n".join(rules) + "\n")
    (folder / "mosquitto.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nacl_file {folder}/rules\n"
        "set_tcp_nodelay true\nuser root\n"
    )
    return port


@asynccontextmanager
async def running_mosquitto(folder: Path, port: int, ends_with: signal.Signals = signal.SIGTERM) -> AsyncIterator[None]:
    assert MOSQUITTO is not None
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            MOSQUITTO, "-c", str(folder / "mosquitto.conf"), stdout=log, stderr=log
        )
    try:
        await listens(port)
        yield
    finally:
        process.send_signal(ends_with)
        await process.wait()


async def listens(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                await writer.wait_closed()
                return
