"""A gate that must hear of every order, while the daemon is killed at random moments and the gate itself nods off."""

import asyncio
import json
import random
import tomllib
from collections import Counter
from contextlib import suppress
from pathlib import Path

import aiomqtt

from edge.broker.users import issue
from tests.journeys.test_kill import KILL_WITHIN_S, Box, die, open_box
from tests.world import until

ORDERS = 20
KILL_SHARE = 0.3
FORGET_SHARE = 0.3  # of the messages that the gate takes and does not acknowledge


async def stand_at_gate(port: int, secret: str, chance: random.Random, heard: Counter[str]) -> None:
    """Count the orders that come, by id; each message once, as a receiver should."""
    known: set[str] = set()
    while True:
        with suppress(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", port, username="gate", password=secret) as gate:
                await gate.subscribe("inbox/gate/#", qos=1)
                await gate.publish("receipts/gate", b"{}")
                async for incoming in gate.messages:
                    assert isinstance(incoming.payload, bytes)
                    message = json.loads(incoming.payload)
                    if message["id"] not in known:
                        known.add(message["id"])
                        heard[message["body"]["id"]] += 1
                    if chance.random() > FORGET_SHARE:
                        await gate.publish("receipts/gate", json.dumps({"ids": [message["id"]]}))
        await asyncio.sleep(0.05)


async def waiting(box: Box) -> float:
    async with box.http.get(f"{box.url}/metrics") as response:
        lines = (await response.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("shopwright_outbox_waiting "))


async def test_every_order_is_heard_of_once(tmp_path: Path) -> None:
    chance, heard = random.Random(11), Counter[str]()
    secret, kept = issue()
    broker = f'[[broker.users]]\nname = "gate"\nrole = "receiver"\nsecret_sha256 = "{kept}"\npromised = ["orders"]'
    async with open_box(tmp_path, broker) as (box, _, _):
        port = tomllib.loads(box.config.read_text())["broker"]["port"]
        gate = asyncio.create_task(stand_at_gate(port, secret, chance, heard))
        for _ in range(ORDERS):
            dying = chance.random() < KILL_SHARE
            killer = asyncio.create_task(die(box, chance.uniform(0, KILL_WITHIN_S))) if dying else None
            await box.sell(["milk"])
            if killer:
                await killer
        await box.lane_basket()  # starts it, should it be dead

        async def all_heard() -> bool:
            return set(box.acknowledged) <= heard.keys() and await waiting(box) == 0.0

        await until(all_heard, patience_s=60)
        gate.cancel()
        await asyncio.gather(gate, return_exceptions=True)

    assert box.deaths >= ORDERS * KILL_SHARE / 3
    assert heard == Counter(box.acknowledged)
