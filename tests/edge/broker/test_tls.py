"""TLS on our own broker's port."""

import asyncio
import ssl
import stat
from pathlib import Path

import pytest

from edge.broker.certificate import CERTIFICATE_FILE, KEY_FILE
from edge.broker.embedded import open_own
from edge.broker.external import open_external
from edge.broker.link import BrokerAway
from edge.broker.settings import Broker
from tests.edge.broker.brokers import ours


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / CERTIFICATE_FILE))


async def test_a_box_makes_a_certificate_once_and_its_clients_trust_that_file(tmp_path: Path) -> None:
    async with ours(tmp_path, tls={}) as broker, broker.client("screen", tls_context=trusting(tmp_path)) as listener:
        await listener.subscribe("store/#", qos=1)
        await broker.link.publish("store/T1/x", "1")
        heard = await broker.hears(listener)
    first = (tmp_path / CERTIFICATE_FILE).read_bytes()
    async with ours(tmp_path, tls={}) as broker, broker.client("screen", tls_context=trusting(tmp_path)):
        pass

    assert heard == ("store/T1/x", b"1")
    assert (tmp_path / CERTIFICATE_FILE).read_bytes() == first
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


async def test_the_files_that_are_configured_are_used(tmp_path: Path) -> None:
    async with ours(tmp_path, tls={}):
        pass
    files = {"certificate": str(tmp_path / CERTIFICATE_FILE), "key": str(tmp_path / KEY_FILE)}
    elsewhere = tmp_path / "elsewhere"
    async with ours(elsewhere, tls=files) as broker, broker.client("screen", tls_context=trusting(tmp_path)):
        pass

    assert not elsewhere.exists()


async def test_who_speaks_without_tls_or_half_a_handshake_is_sent_away(tmp_path: Path) -> None:
    async with ours(tmp_path, connect_s=0.5, tls={}) as broker:
        for first in (b"\x10\x0c\x00\x04MQTT", b"\x16\x03\x01\x02\x00\x01"):
            reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
            writer.write(first)
            async with asyncio.timeout(3):
                rest = await reader.read()
            writer.close()
            assert not rest.startswith(b"\x20")

        async with broker.client("screen", tls_context=trusting(tmp_path)):
            pass

    assert broker.refusals["no_connect"] == 2


async def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    given = Broker.model_validate({"port": 0, "tls": {"certificate": str(tmp_path / "a"), "key": str(tmp_path / "b")}})
    with pytest.raises(BrokerAway):
        async with open_own(given, tmp_path, lambda *_: None, lambda _: None):
            pass


async def test_another_broker_is_reached_over_tls(tmp_path: Path) -> None:
    async with ours(tmp_path, tls={}) as broker:
        url = f"mqtts://box:secret%20of%20box@127.0.0.1:{broker.port}"
        given = Broker.model_validate({"url": url, "authority": str(tmp_path / CERTIFICATE_FILE)})
        listening = broker.client("box", tls_context=trusting(tmp_path))
        async with open_external(given, "node", lambda *_: None) as link, listening as listener:
            await listener.subscribe("devices/#")
            await link.publish("devices/x", "1")
            heard = await broker.hears(listener)

    assert heard == ("devices/x", b"1")
