"""The store's own message broker: baskets and orders are announced to whatever listens inside the shop.

It announces, it does not promise: who needs every order reads the journal's copy at head office. Clients may only
listen, and only below `store/`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from amqtt.broker import Action, Broker
from amqtt.contexts import BrokerConfig, ListenerConfig
from amqtt.errors import BrokerError
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from edge.config import Broker as BrokerSettings
from edge.shop import FACTS, Shop

log = structlog.get_logger()

CONNECTIONS_MAX = 100  # a store has some tens of screens and gates
RETRY_S = 5.0  # how soon a busy port is tried again


class ListenOnly(BaseTopicPlugin):
    """Whoever connects may read what the daemon announces, and say nothing."""

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        return action is not Action.PUBLISH and (topic or "").startswith("store/")


class ListenersOnly(BaseAuthPlugin):
    """Anybody in the store may listen. A last will would speak for them, and a session that outlives its connection
    would gather messages without end: both are refused at the door.
    """

    async def authenticate(self, *, session: Session) -> bool:
        return bool(session.clean_session) and not session.will_flag


@asynccontextmanager
async def open_broker(settings: BrokerSettings) -> AsyncIterator[Broker]:
    """Run a broker for as long as the context is open. Raises BrokerError when it cannot listen."""
    broker = Broker(
        BrokerConfig(
            listeners={
                "default": ListenerConfig(bind=f"{settings.host}:{settings.port}", max_connections=CONNECTIONS_MAX)
            },
            plugins={
                f"{__name__}.{ListenersOnly.__name__}": {},
                f"{__name__}.{ListenOnly.__name__}": {},
            },
        )
    )
    starting = asyncio.create_task(broker.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await starting  # half started, it would leave its port open
        await broker.shutdown()
        raise
    try:
        yield broker
    finally:
        await broker.shutdown()


async def announce(shop: Shop) -> None:
    """Run the broker and publish what is told; a broker that cannot start never stops the shop."""
    while True:
        try:
            async with open_broker(shop.config.broker) as broker:
                await _publish(shop, broker)
        except BrokerError as error:
            log.warning("broker_away", port=shop.config.broker.port, error=str(error))
            await asyncio.sleep(RETRY_S)


async def _publish(shop: Shop, broker: Broker) -> None:
    with shop.hub.watching(FACTS) as told:
        while True:
            told.clear()
            while shop.told:
                message = shop.told.popleft()
                await broker.internal_message_broadcast(message.topic, message.body.encode(), 1)
            await told.wait()
