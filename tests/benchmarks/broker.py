"""The store's broker: how soon a stock client has its answer, and what our door and rules cost beside bare amqtt.

Each broker is a process of its own, `python -m tests.benchmarks.broker run`; the client is paho in this one.
"""

import argparse
import asyncio
import logging
import time
import tomllib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from queue import SimpleQueue

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.broker.embedded import open_own
from edge.broker.settings import Broker as Settings
from edge.broker.users import hashed
from edge.demo import daemons
from tests.benchmarks.report import Row
from tests.benchmarks.rounds import by_turns, p50

LIMIT_MS = 1.0
GOAL_SHARE = 0.8  # of bare amqtt's messages a second
ROUND_TRIPS = 40  # in a turn
MESSAGES = 600  # in a turn
WINDOW = 50  # that are on their way at once
SECRET = "of nobody"
TOPIC = "devices/bench/tags"
PAYLOAD = bytes(100)


class Client:
    """paho with its usual settings, listening to itself."""

    def __init__(self, port: int) -> None:
        self.heard: SimpleQueue[bytes] = SimpleQueue()
        self._paho = Paho(CallbackAPIVersion.VERSION2)
        self._paho.username_pw_set("bench", SECRET)
        self._paho.on_message = lambda _client, _data, message: self.heard.put(message.payload)
        self._paho.max_inflight_messages_set(WINDOW)
        self._paho.connect("127.0.0.1", port)
        subscribed: SimpleQueue[None] = SimpleQueue()
        self._paho.on_subscribe = lambda *_: subscribed.put(None)
        self._paho.loop_start()
        self._paho.subscribe(TOPIC, qos=1)
        subscribed.get(timeout=10)

    def close(self) -> None:
        self._paho.disconnect()
        self._paho.loop_stop()

    def round_trips(self, _: int) -> list[float]:
        """Say something and wait until it is heard, one after the other; returns milliseconds."""
        times_ms = []
        for _ in range(ROUND_TRIPS):
            begin_s = time.perf_counter()
            self._paho.publish(TOPIC, PAYLOAD, qos=1)
            self.heard.get(timeout=10)
            times_ms.append((time.perf_counter() - begin_s) * 1000)
        return times_ms

    def throughput(self, _: int) -> list[float]:
        """Say many things, a window of them at once; returns microseconds a message."""
        begin_s = time.perf_counter()
        for _ in range(MESSAGES):
            self._paho.publish(TOPIC, PAYLOAD, qos=1)
        for _ in range(MESSAGES):
            self.heard.get(timeout=10)
        return [(time.perf_counter() - begin_s) / MESSAGES * 1_000_000]


async def measure(rounds: int, folder: Path) -> list[Row]:
    """Let both brokers have their turns."""
    async with AsyncExitStack() as stack:
        ports = {kind: await stack.enter_async_context(_running(kind, folder)) for kind in ("ours", "bare")}
        return await asyncio.to_thread(_measure, rounds, ports)


@asynccontextmanager
async def _running(kind: str, folder: Path) -> AsyncIterator[int]:
    port = daemons.free_port(0)
    config = folder / f"broker-{kind}.toml"
    config.write_text(f'kind = "{kind}"\nport = {port}\n')
    async with daemons.running("tests.benchmarks.broker", config, config.with_suffix(".log")):
        yield port


def _measure(rounds: int, ports: dict[str, int]) -> list[Row]:
    clients = {kind: Client(port) for kind, port in ports.items()}
    try:
        trips = by_turns(rounds, {kind: client.round_trips for kind, client in clients.items()})
        costs = by_turns(rounds, {kind: client.throughput for kind, client in clients.items()})
    finally:
        for client in clients.values():
            client.close()
    ours_ms = [p50(samples) for samples in trips["ours"]]
    bare_ms = [p50(samples) for samples in trips["bare"]]
    ours_us, bare_us = ([p50(samples) for samples in costs[kind]] for kind in ("ours", "bare"))
    return [
        Row("MQTT quality 1, stock client, p50", "ms", ours_ms, "the limit", [LIMIT_MS] * rounds, 1.0),
        Row("MQTT quality 1, stock client, p50", "ms", ours_ms, "bare amqtt", bare_ms),
        Row("MQTT quality 1, time a message", "µs", ours_us, "bare amqtt", bare_us, 1 / GOAL_SHARE),
    ]


async def serve(kind: str, port: int, folder: Path) -> None:
    """Run one of the two until the process is ended."""
    async with AsyncExitStack() as stack:
        if kind == "ours":
            user = {"name": "bench", "role": "device", "secret_sha256": hashed(SECRET.encode())}
            settings = Settings.model_validate({"port": port, "users": (user,)})
            await stack.enter_async_context(open_own(settings, folder, lambda *_: None, lambda _: None))
        else:
            allowing = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
            listener = ListenerConfig(bind=f"127.0.0.1:{port}")
            broker = Broker(BrokerConfig(listeners={"default": listener}, plugins=allowing))
            await broker.start()
            stack.push_async_callback(broker.shutdown)
        print("open", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Take the same command line as our daemons, so that the same code starts it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["run"])
    parser.add_argument("--config", type=Path, required=True)
    path = parser.parse_args().config
    config = tomllib.loads(path.read_text())
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(config["kind"], config["port"], path.parent))


if __name__ == "__main__":
    main()
