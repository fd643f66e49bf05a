"""What is otherwise in amqtt than it should be, and put right for exactly one version of it."""

import asyncio
import gc
from importlib.metadata import version
from inspect import getsource
from pathlib import Path
from zlib import crc32

import aiomqtt
import pytest
from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig

from edge.broker.embedded import FILTERS_MAX, StoreBroker
from edge.demo.daemons import free_port
from tests.edge.broker.brokers import ours
from tests.edge.broker.wire import ACCEPTED, connect, wire
from tests.world import until

VERSION = "0.12.1"
# The methods that `StoreBroker` replaces or relies on, as they read in that version.
READ = {
    "_authenticate": 0xAE6CD558,
    "_topic_filtering": 0xE20C0DA9,
    "_publish_retained_messages_for_subscription": 0x3A85E97B,
    "retain_message": 0x2AF1062E,
    "_broadcast_message": 0x89397113,
    "_del_all_subscriptions": 0xC19EA84E,
    "_handle_unsubscription": 0x031FE00F,
    "_handle_client_session": 0x787AD716,
    "_run_broadcast": 0x3AF934F5,
}


def test_amqtt_is_the_version_that_was_read() -> None:
    assert version("amqtt") == VERSION, "read edge/broker/embedded.py against the new version, then pin that one"


@pytest.mark.parametrize("method", READ)
def test_what_is_replaced_reads_as_it_did(method: str) -> None:
    assert hasattr(StoreBroker, method)
    assert crc32(getsource(getattr(Broker, method)).encode()) == READ[method], (
        f"{method} changed: look whether our own still fits"
    )


async def test_amqtt_alone_tells_everybody_what_others_asked_for() -> None:
    """When this fails, amqtt has closed its leak, and `_publish_retained_messages_for_subscription` may go."""
    port = free_port(0)
    allowing = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    broker = Broker(BrokerConfig(listeners={"default": ListenerConfig(bind=f"127.0.0.1:{port}")}, plugins=allowing))
    await broker.start()
    try:
        async with aiomqtt.Client("127.0.0.1", port) as early:
            await early.subscribe("secret/#")
            await early.publish("secret/pin", b"1234", qos=1, retain=True)
            async with aiomqtt.Client("127.0.0.1", port) as stranger, asyncio.timeout(5):
                leaked = await anext(aiter(stranger.messages))
    finally:
        await broker.shutdown()

    assert leaked.payload == b"1234"


async def test_filters_that_nobody_uses_any_more_are_forgotten(tmp_path: Path) -> None:
    async with ours(tmp_path) as broker:
        assert isinstance(broker.link, StoreBroker)
        for number in range(20):
            async with broker.client("screen") as listener:
                await listener.subscribe(f"store/T1/{number}")
                await listener.unsubscribe(f"store/T1/{number}")
                await listener.subscribe("store/T1/other")
        link = broker.link

        async def forgotten() -> bool:
            return not link.subscriptions and not link.sessions

        await until(forgotten)


async def test_who_goes_from_one_filter_to_the_next_is_never_refused_one(tmp_path: Path) -> None:
    async with ours(tmp_path) as broker, broker.client("screen") as listener:
        assert isinstance(broker.link, StoreBroker)
        for number in range(FILTERS_MAX + 10):
            (granted,) = await listener.subscribe(f"store/T1/{number}")
            assert granted == 0
            await listener.unsubscribe(f"store/T1/{number}")

        assert not broker.link.subscriptions


async def test_clients_that_came_and_went_leave_no_circles_behind(tmp_path: Path) -> None:
    """What only the garbage collector finds, it finds all at once, and the shop stands still meanwhile."""
    came = 50
    async with ours(tmp_path) as broker:
        assert isinstance(broker.link, StoreBroker)
        link = broker.link

        async def all_went() -> bool:
            return not link.sessions

        gc.collect()
        gc.disable()
        try:
            for _ in range(came):
                async with wire(broker) as (reader, writer):
                    writer.write(connect("reader"))
                    assert await reader.readexactly(4) == ACCEPTED
            await until(all_went)
            left = gc.collect()
        finally:
            gc.enable()

    assert left / came < 60  # amqtt's own states make 150 more, the test's own sockets some ten
