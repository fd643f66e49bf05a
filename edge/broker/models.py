"""What is promised, and how it is acknowledged."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from shared.model.strict import Id, Strict

RECEIPT_IDS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Promised:
    """A message that waits in the outbox for one receiver's receipt."""

    id: str  # the same fact for another receiver has another id
    receiver: str
    topic: str  # below the receiver's inbox
    body: str  # JSON, the id in it


class Receipt(Strict):
    """What a receiver publishes to `receipts/<name>`: it has these messages, and will know them again by their ids.

    Without ids it says that it is there, and is sent at once what still waits for it.
    """

    ids: Annotated[tuple[Id, ...], Field(max_length=RECEIPT_IDS_MAX)] = ()
