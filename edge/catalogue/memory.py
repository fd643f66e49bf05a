"""What of the catalogue is kept in memory. Reading it may take longer than a scan should wait, so a thread does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from sqlite3 import Connection
from typing import Self, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from edge.catalogue import storage
from shared.model.quota import Lease
from shared.model.special import MADE, Campaign, DonationCampaign, Lottery, LotteryBlock
from shared.model.store import Store
from shared.promotions import pack
from shared.promotions.families import Promotion
from shared.promotions.pack import BadPromotion, Pack
from shared.protocol.catalogue_file import SPECIALS
from shared.protocol.neighbours import Neighbour

log = structlog.get_logger()

Special = TypeVar("Special", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Memory:
    """The store's settings, its promotions and what stands beside them."""

    store: Store | None = None
    pack: Pack = pack.EMPTY
    left_out: Mapping[str, str] = field(default_factory=dict)  # promotions that cannot be read, with the reason
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)  # by quota
    donations: dict[str, DonationCampaign] = field(default_factory=dict)
    lotteries: dict[str, Lottery] = field(default_factory=dict)
    lottery_blocks: dict[str, LotteryBlock] = field(default_factory=dict)
    neighbours: dict[str, Neighbour] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: Connection) -> Self:
        """Read everything. Raises DamagedCatalogue."""
        with storage.reading():
            store = storage.store(connection)
            texts = storage.promotions(connection)
        good, left_out = [], {}
        for promotion_id, text in texts.items():
            try:
                good.append(_usable(text))
            except BadPromotion as error:
                left_out[promotion_id] = str(error.facts["problem"])
                log.warning("promotion_left_out", promotion=promotion_id, problem=error.facts["problem"])
        return cls(store=store, pack=Pack.of(good), left_out=left_out).with_specials(connection)

    def with_specials(self, connection: Connection) -> Self:
        """Return the same with what stands beside promotions read anew. Raises DamagedCatalogue."""
        with storage.reading():
            bodies = {kind: storage.specials(connection, kind) for kind in SPECIALS}
        return replace(
            self,
            campaigns=_readable(Campaign, bodies["coupon"]),
            leases=_readable(Lease, bodies["lease"]),
            donations=_readable(DonationCampaign, bodies["donation"]),
            lotteries=_readable(Lottery, bodies["lottery"]),
            lottery_blocks=_readable(LotteryBlock, bodies["lottery_block"]),
            neighbours=_readable(Neighbour, bodies["node"]),
        )


def _usable(text: str) -> Promotion:
    """Read a promotion of head office. Raises BadPromotion."""
    promotion = pack.parse(text)
    if promotion.id.startswith(MADE):  # a basket could not tell it from its own
        raise BadPromotion(promotion=promotion.id, problem="id: begins like what is made for one basket")
    return promotion


def _readable(model: type[Special], bodies: Mapping[str, str]) -> dict[str, Special]:
    """Return what this version can read, by key; the rest is left out and everything else goes on."""
    found = {}
    for key, body in bodies.items():
        try:
            found[key] = model.model_validate_json(body)
        except ValidationError as error:
            log.warning("special_left_out", key=key, problem=str(error.errors(include_url=False)[0]))
    return found
