"""Our own broker: amqtt between our door and our rules.

What stands here of amqtt's own methods is what has to be otherwise, for the one version that the configuration pins;
tests/edge/broker/test_amqtt.py fails when it changes.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from amqtt.broker import Action, Broker
from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType
from amqtt.errors import BrokerError
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session

from edge.broker.guard import CONNECT_S, Connection, Guard
from edge.broker.link import RECEIPTS, BrokerAway, OnReceipt
from edge.broker.settings import Broker as BrokerSettings

LISTENER = "default"
# Each message may be as large as a packet, so these are megabytes too.
WAITING_MAX = 50  # that a client said and that are not yet handed on; then it is read no further
TELLING_MAX = 100  # on their way to everybody
UNFINISHED_MAX = 100  # of quality 2, that a client began
UNACKNOWLEDGED_MAX = 500  # that a client was sent; stock clients acknowledge each at once
FILTERS_MAX = 100  # that one client may subscribe to; each costs a look at every message


class StoreBroker(Broker):
    """amqtt without its listener, its sessions that stay, its retained messages of clients, and its leaks."""

    def __init__(self, on_receipt: OnReceipt) -> None:
        # amqtt tells of what clients do wrong in its own log, with a traceback each; the guard counts them.
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        listener = ListenerConfig(type=ListenerType.EXTERNAL)
        super().__init__(BrokerConfig(listeners={LISTENER: listener}, plugins={}))
        self._broadcast_queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(TELLING_MAX)
        self._on_receipt = on_receipt
        self._connections: dict[str, Connection] = {}
        self._filters: dict[str, set[str]] = {}
        self._served: dict[str, Session] = {}

    async def serve(self, connection: Connection) -> None:
        """Serve a client that the guard let in, until it leaves."""
        self._connections[connection.id] = connection
        self._filters[connection.id] = set()
        try:
            await self.external_connected(connection.reader, connection.writer, LISTENER)
        finally:
            del self._connections[connection.id], self._filters[connection.id]
            if session := self._served.pop(connection.id, None):
                take_apart(session)
            connection.reader.is_crowded = bool

    async def publish(self, topic: str, body: str, *, retained: bool = False) -> None:
        """Tell whoever listens, in the quality that each asked for."""
        data = body.encode()
        if retained:
            await self.retain_message(None, topic, data, 0)
        await self.internal_message_broadcast(topic, data)

    def demand_open(self) -> None:
        """It is open for as long as its context."""

    async def _authenticate(self, session: Session, _: ListenerConfig) -> bool:
        """Everybody who comes here was proven at the door: amqtt itself would let a stranger end another's session."""
        connection = self._connections.get(session.client_id or "")
        if connection is None:
            return False

        def is_crowded() -> bool:
            if session.inflight_in_count > UNFINISHED_MAX:
                connection.end("does_not_finish")
            waiting: int = session.delivered_message_queue.qsize()
            return waiting >= WAITING_MAX

        connection.reader.is_crowded = is_crowded
        self._served[connection.id] = session
        return True

    async def _topic_filtering(self, session: Session, topic: str, action: Action) -> bool:
        """Never pauses: a subscription that arrives while amqtt goes through all of them would lose the message."""
        connection = self._connections.get(session.client_id or "")
        if connection is None:
            return False
        if action is Action.PUBLISH:
            return connection.caller.may_say(topic)
        if action is Action.SUBSCRIBE:
            filters = self._filters[connection.id]
            if not connection.caller.may_hear(topic) or (topic not in filters and len(filters) >= FILTERS_MAX):
                return False
            filters.add(topic)
            return True
        if session.inflight_out_count > UNACKNOWLEDGED_MAX:
            connection.end("does_not_acknowledge")
        return connection.caller.may_hear(topic)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """amqtt calls this for a new client with the filters of all the others; only its own are answered."""
        if subscription[0] in self._filters.get(session.client_id or "", ()):
            await super()._publish_retained_messages_for_subscription(subscription, session)

    async def retain_message(
        self,
        source_session: Session | None,
        topic_name: str | None,
        data: bytes | bytearray | None,
        qos: int | None = None,
    ) -> None:
        """Only the daemon's own words are retained, so no client can fill the memory with what stays."""
        if source_session is None:
            await super().retain_message(source_session, topic_name, data, qos)

    async def _broadcast_message(
        self, session: Session | None, topic: str | None, data: bytes | bytearray | None, force_qos: int | None = None
    ) -> None:
        """Receipts are for the daemon and are told to nobody."""
        if session is not None and topic is not None and topic.startswith(RECEIPTS):
            self._on_receipt(topic.removeprefix(RECEIPTS), bytes(data or b""))
        else:
            await super()._broadcast_message(session, topic, data, force_qos)

    async def _handle_unsubscription(
        self, client_session: Session, handler: BrokerProtocolHandler, unsubscribe_waiter: asyncio.Future[Any]
    ) -> None:
        """amqtt keeps filters that nobody uses any more, and would count them for who goes from one to the next."""
        await super()._handle_unsubscription(client_session, handler, unsubscribe_waiter)
        for left in unsubscribe_waiter.result().topics:
            self._filters.get(client_session.client_id or "", set()).discard(left)
            if not self._subscriptions.get(left, True):
                del self._subscriptions[left]

    async def _del_all_subscriptions(self, session: Session) -> None:
        """amqtt keeps filters that nobody uses any more."""
        await super()._del_all_subscriptions(session)
        for unused in [wanted for wanted, sessions in self._subscriptions.items() if not sessions]:
            del self._subscriptions[unused]


def take_apart(session: Session) -> None:
    """Undo the circles of references in a session that has ended. Only a search through everything that the daemon
    knows would find them, and after a thousand clients that came and went it stops the shop for a third of a second.
    """
    machine, session.transitions = session.transitions, Ended()
    vars(machine).clear()


class Ended:
    """All that amqtt still asks about a session that has ended."""

    state = "disconnected"

    def is_connected(self) -> bool:
        return False


@asynccontextmanager
async def open_own(
    settings: BrokerSettings,
    folder: Path,
    on_receipt: OnReceipt,
    refused: Callable[[str], None],
    connect_s: float = CONNECT_S,
) -> AsyncIterator[tuple[StoreBroker, int]]:
    """Run our own broker while the context is open; gives it and its port.

    folder: where a certificate of its own is kept. refused: told the reason of each client that is sent away or cut
    off. connect_s: how long a client may take to say who it is. Raises BrokerAway when it cannot listen.
    """
    async with AsyncExitStack() as stack:
        broker = StoreBroker(on_receipt)
        try:
            tls = _tls(settings, folder)
            await stack.enter_async_context(_running(broker))
            guard = Guard(settings, broker.serve, refused, tls, connect_s)
            port = await stack.enter_async_context(guard.listening())
        except (BrokerError, OSError) as error:
            raise BrokerAway(problem=str(error)) from error
        yield broker, port


def _tls(settings: BrokerSettings, folder: Path) -> ssl.SSLContext | None:
    if settings.tls is None:
        return None
    from edge.broker.certificate import tls_context  # its library takes a while to load

    return tls_context(settings.tls, folder, settings.host)


@asynccontextmanager
async def _running(broker: StoreBroker) -> AsyncIterator[None]:
    starting = asyncio.create_task(broker.start())
    try:
        await asyncio.shield(starting)
        yield
    finally:
        await starting  # half started, its loops would go on
        await broker.shutdown()
