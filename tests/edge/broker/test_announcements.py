"""The store's broker, as any stock MQTT client meets it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from edge.broker.worker import announce
from edge.demo.daemons import free_port
from edge.shop import Shop
from tests.edge.small_shop import Till, open_small_shop, open_till
from tests.world import until


@contextmanager
def announcing(shop: Shop) -> Iterator["asyncio.Task[None]"]:
    task = asyncio.create_task(announce(shop))
    try:
        yield task
    finally:
        task.cancel()


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    """A till of a shop whose broker is open."""
    async with (
        open_small_shop(tmp_path, broker={"port": free_port(0), "anonymous": True}) as shop,
        open_till(shop) as opened,
    ):
        with announcing(shop) as task:
            await reachable(shop)
            yield opened
        await asyncio.gather(task, return_exceptions=True)


async def reachable(shop: Shop) -> None:
    async def is_open() -> bool:
        with suppress(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", shop.config.broker.port):
                return True
        return False

    await until(is_open)


def client(till: Till) -> aiomqtt.Client:
    return aiomqtt.Client("127.0.0.1", till.shop.config.broker.port)


async def next_message(listener: aiomqtt.Client) -> tuple[str, dict[str, Any]]:
    async with asyncio.timeout(5):
        message = await anext(aiter(listener.messages))
    assert isinstance(message.payload, bytes)
    return str(message.topic), json.loads(message.payload)


async def test_a_stock_client_hears_of_baskets_and_orders(till: Till) -> None:
    async with client(till) as listener:
        await listener.subscribe("store/#")
        basket = await till.fill("milk")
        filled = await next_message(listener)
        _, paid = await till.pay(basket["id"])
        ordered = await next_message(listener)

    assert filled == (
        "store/T1/baskets/kiosk",
        {"id": basket["id"], "state": "open", "version": 1, "total_minor": 115},
    )
    assert ordered == (
        "store/T1/orders/kiosk",
        {"id": paid["id"], "receipt_number": "T1K1-000001", "total_minor": 115},
    )


async def test_a_client_may_listen_to_a_part(till: Till) -> None:
    async with client(till) as listener:
        await listener.subscribe("store/+/orders/+")
        await till.sell("milk")
        topic, _ = await next_message(listener)

    assert topic == "store/T1/orders/kiosk"


@pytest.mark.parametrize("quality", [0, 1])
async def test_a_client_cannot_speak(till: Till, quality: int) -> None:
    async with client(till) as listener, client(till) as speaker:
        await listener.subscribe("store/#")
        with suppress(aiomqtt.MqttError):  # the broker may say no, or nothing at all
            await speaker.publish("store/T1/orders/kiosk", b'{"id": "forged"}', qos=quality, timeout=0.3)
        await till.fill("milk")
        topic, _ = await next_message(listener)

    assert topic == "store/T1/baskets/kiosk"  # and no word of the forgery before it


@pytest.mark.parametrize("topic", ["#", "$SYS/#", "+/T1/#", "storeroom/#", "other"])
async def test_a_client_hears_nothing_outside_the_store(till: Till, topic: str) -> None:
    async with client(till) as listener, client(till) as allowed:
        with suppress(aiomqtt.MqttError):
            await listener.subscribe(topic)
        await allowed.subscribe("store/#")
        await till.fill("milk")
        await next_message(allowed)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await anext(aiter(listener.messages))


async def test_a_busy_port_stops_nobody_from_selling(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        async with open_small_shop(tmp_path, broker={"port": port}) as shop, open_till(shop) as till:
            with announcing(shop) as task:
                await asyncio.sleep(0.3)
                order = await till.sell("milk")
                is_trying = not task.done()
            await asyncio.gather(task, return_exceptions=True)

    assert order["receipt_number"] == "T1K1-000001"
    assert is_trying


async def test_what_nobody_could_hear_is_not_kept_for_ever(shop: Shop) -> None:
    for number in range(3_000):
        shop.tell("baskets/kiosk", {"id": str(number)})

    assert len(shop.told) <= 1_000
