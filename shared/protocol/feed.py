"""What head office publishes and a node applies: numbered rows, each the newest state of one thing."""

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.model.strict import Count, Name, Strict

FEED_ROWS_MAX = 1_000  # rows in one answer: about 300 kB of products
FEED_BYTES_MAX = 500_000  # of their bodies: a promotion may name 10,000 products, and a line may be slow

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


class FeedPage(Strict):
    """Rows newer than the cursor that was asked for, oldest first. Ask again from `cursor` while `more` is true."""

    rows: tuple[FeedRow, ...]
    cursor: Count
    more: bool
    newest: Count  # how far the feed reaches: a node far behind takes a snapshot instead
