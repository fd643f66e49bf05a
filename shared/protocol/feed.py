"""What head office publishes and a node applies: numbered rows, each the newest state of one thing."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from shared.model.strict import Count, Moment, Name, Strict, Tolerant
from shared.protocol.batch import HexDigest
from shared.protocol.enrolment import PublicKey

FEED_ROWS_MAX = 1_000  # rows in one answer: about 300 kB of products
FEED_BYTES_MAX = 500_000  # of their bodies: a promotion may name 10,000 products, and a line may be slow
SNAPSHOT_BEYOND_ROWS = 5_000  # this many rows cost about as much to apply as a snapshot of a usual shop to fetch
WAIT_S_MAX = 30.0  # an answer may be held back so long; what stands between gives up on silent lines after a minute

Kind = Literal[
    "product", "price", "promotion", "setting", "coupon", "lease", "donation", "lottery", "lottery_block", "node"
]


class FeedRow(Strict):
    """The newest state of one thing. `gone` rows tell that it was deleted."""

    version: Annotated[int, Field(ge=1, le=2**53)]
    kind: Name  # a Kind; a node keeps selling when a newer head office sends one that it does not know
    key: Name
    gone: bool = False
    body: dict[str, Any] | None = None


class FeedPage(Tolerant):
    """Rows newer than the cursor that was asked for, oldest first. Ask again from `cursor` while `more` is true."""

    rows: tuple[FeedRow, ...]
    cursor: Count
    more: bool
    newest: Count  # how far the feed reaches: a node far behind takes a snapshot instead
    # Told to those who say how long they would wait; older boxes refuse fields that they do not know.
    at: Moment | None = None  # head office's clock
    signing_key: PublicKey | None = None  # what snapshots are signed with
    head: HexDigest | None = None  # of the chain over everything that was published up to `cursor`

    @model_serializer(mode="wrap")
    def _without_what_is_not_told(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = write(self)
        return {name: value for name, value in told.items() if value is not None}


def text_of(body: dict[str, Any]) -> str:
    """Write a body as the feed and the catalogue keep it."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False)
