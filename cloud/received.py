"""Who sends, and a fact as it arrived: from whom and when. Handlers on this side are called with these."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from cloud.database import Transaction
from shared.events.fact import Fact

OneFact = TypeVar("OneFact", bound=Fact)


@dataclass(frozen=True, slots=True)
class Node:
    """An enrolled node; that it is the one that calls was proven by its signature."""

    id: str
    tenant_id: str
    store_id: str
    public_key: bytes
    is_retired: bool = False  # what it still sends is taken, as it may have been sold


@dataclass(frozen=True, slots=True)
class Received(Generic[OneFact]):
    """One fact from a node's journal; whose it is was proven by the node's signature, not read from the fact."""

    fact: OneFact
    tenant_id: str
    store_id: str
    node_id: str  # under which it is held
    author_id: str  # the node that wrote it: another one where that was set back and its entries are held as a branch
    received_at: datetime


Handler = Callable[[Transaction, Received[Any]], None]
Handlers = Mapping[type[Fact], Handler]
