"""What the store relies on, whichever broker it has: our own, or mosquitto with the same rules."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiomqtt
import pytest
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.edge.broker.brokers import SECRETS, OpenBroker, mosquitto, ours
from tests.world import until

ORDER = json.dumps({"id": "1"})


@pytest.fixture(params=["ours", "mosquitto"])
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenBroker]:
    opening = {"ours": ours, "mosquitto": mosquitto}[request.param]
    async with opening(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("quality", [0, 1])
async def test_a_listener_hears_what_is_announced(broker: OpenBroker, quality: int) -> None:
    async with broker.client("screen") as listener:
        await listener.subscribe("store/+/orders/#", qos=quality)
        for number in range(50):
            await broker.link.publish("store/T1/orders/kiosk", str(number))
        heard = [await broker.hears(listener) for _ in range(50)]

    assert heard == [("store/T1/orders/kiosk", str(number).encode()) for number in range(50)]


@pytest.mark.parametrize(
    ("name", "secret"), [("gate", "wrong"), ("gate", SECRETS["reader"]), ("nobody", "x"), (None, None)]
)
async def test_who_does_not_prove_who_they_are_stays_outside(
    broker: OpenBroker, name: str | None, secret: str | None
) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with broker.client(name, secret):
            pass


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("screen", "store/T1/orders/kiosk"),
        ("screen", "devices/reader/tags"),
        ("reader", "devices/other/tags"),
        ("reader", "devices/readers"),
        ("reader", "store/T1/orders/kiosk"),
        ("gate", "inbox/gate/orders/kiosk"),
        ("gate", "receipts/exit"),
        ("reader", "$SYS/broker/version"),
    ],
)
async def test_a_foreign_topic_cannot_be_spoken_on(broker: OpenBroker, name: str, topic: str) -> None:
    async with broker.client("box") as service, broker.client("gate") as gate:
        await service.subscribe("store/#", qos=1)
        await service.subscribe("devices/#", qos=1)
        await gate.subscribe("inbox/gate/#")
        with suppress(aiomqtt.MqttError):  # a broker may close, say nothing, or take it and pass it to nobody
            async with broker.client(name) as speaker:
                await speaker.publish(topic, b"forged", qos=1, timeout=0.5)

        assert await broker.hears_nothing(service)
        assert await broker.hears_nothing(gate, 0.05)
    assert broker.receipts == []


async def test_a_device_speaks_below_its_own_topic(broker: OpenBroker) -> None:
    async with broker.client("box") as service, broker.client("reader") as device:
        await service.subscribe("devices/#", qos=1)
        await device.publish("devices/reader/tags", b"30340000", qos=1)
        heard = await broker.hears(service)

        await device.subscribe("devices/reader/commands/#", qos=1)
        await service.publish("devices/reader/commands/start", b"{}", qos=1)
        while (command := await broker.hears(device))[0] != "devices/reader/commands/start":
            pass

    assert heard == ("devices/reader/tags", b"30340000")
    assert command == ("devices/reader/commands/start", b"{}")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("screen", "#"),
        ("screen", "+/gate/#"),
        ("screen", "inbox/gate/#"),
        ("exit", "inbox/#"),
        ("exit", "inbox/+/orders"),
        ("reader", "inbox/gate/#"),
        ("reader", "devices/+/orders"),
        ("box", "receipts/#"),
    ],
)
async def test_a_filter_that_reaches_further_than_the_rule_hears_nothing_of_it(
    broker: OpenBroker, name: str, wanted: str
) -> None:
    async with broker.client(name) as curious, broker.client("gate") as gate:
        with suppress(aiomqtt.MqttError):
            await curious.subscribe(wanted)
        await gate.subscribe("inbox/gate/#")
        await broker.link.publish("inbox/gate/orders", ORDER)
        await broker.hears(gate)
        await gate.publish("receipts/gate", b"{}", qos=1)

        assert await broker.hears_nothing(curious)


async def test_a_state_is_told_to_who_listens_later_and_asks_for_it(broker: OpenBroker) -> None:
    async with broker.client("screen") as early, broker.client("gate") as other:
        await early.subscribe("store/#", qos=1)
        await broker.link.publish("store/T1/devices/printer", "ready", retained=True)
        await broker.hears(early)

        async with broker.client("box") as late:
            unasked = await broker.hears_nothing(late)
            await late.subscribe("store/T1/devices/+", qos=1)
            told = await broker.hears(late)
        quiet = await broker.hears_nothing(other, 0.1)

    assert unasked, "another client's subscription was answered to this one"
    assert quiet
    assert told == ("store/T1/devices/printer", b"ready")


async def test_a_receipt_comes_with_the_name_of_its_receiver(broker: OpenBroker) -> None:
    async with broker.client("gate") as gate:
        await gate.publish("receipts/gate", b'{"ids": []}', qos=1)

        async def came() -> bool:
            return bool(broker.receipts)

        await until(came)

    assert broker.receipts == [("gate", b'{"ids": []}')]


@pytest.mark.skipif(shutil.which("mosquitto_sub") is None, reason="mosquitto-clients is not installed")
async def test_mosquitto_s_own_clients_are_served(broker: OpenBroker) -> None:
    def words(name: str, topic: str) -> list[str]:
        at = ["-h", "127.0.0.1", "-p", str(broker.port)]
        return [*at, "-u", name, "-P", SECRETS[name], "-q", "1", "-t", topic]

    listening = await asyncio.create_subprocess_exec(
        "mosquitto_sub", *words("box", "devices/#"), "-C", "1", "-W", "10", stdout=asyncio.subprocess.PIPE
    )
    await asyncio.sleep(0.5)
    speaking = await asyncio.create_subprocess_exec("mosquitto_pub", *words("reader", "devices/reader"), "-m", "hello")
    spoken = await speaking.wait()
    heard, _ = await listening.communicate()

    assert (spoken, heard) == (0, b"hello\n")


async def test_paho_itself_is_served(broker: OpenBroker) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    client = Paho(CallbackAPIVersion.VERSION2)
    client.username_pw_set("reader", SECRETS["reader"])
    client.on_subscribe = lambda *_: client.publish("devices/reader/echo", b"hello", qos=2)
    client.on_message = lambda _client, _data, message: loop.call_soon_threadsafe(heard.put_nowait, message.payload)
    client.on_connect = lambda *_: client.subscribe("devices/reader/#", qos=2)
    await asyncio.to_thread(client.connect, "127.0.0.1", broker.port)
    client.loop_start()
    async with asyncio.timeout(10):
        said = await heard.get()
    client.disconnect()
    await asyncio.to_thread(client.loop_stop)

    assert said == b"hello"
