"""With what a basket is priced: which promotions, at what time of the store's day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.uses.models import NO_SHARE, Share
from shared.model.store import Store
from shared.promotions.gate import Context
from shared.promotions.pack import Pack

CHANNEL = "kiosk"


@dataclass(frozen=True, slots=True)
class Pricing:
    """The store's promotions at one moment.

    kept: earlier packs that unfinished baskets were begun with, by version. share: what this box may use by itself of
    what may be used so often only.
    """

    pack: Pack
    store: Store
    now: datetime
    kept: Mapping[str, Pack] = field(default_factory=dict)
    share: Share = NO_SHARE

    def pack_of(self, version: str | None) -> Pack:
        """Return the pack for a basket that was begun with `version`.

        It keeps its promotions for its life, or takes the present ones, as the store has it. A pack that is not known
        any more cannot be kept either.
        """
        if self.store.reprice_open_baskets or version is None or version == self.pack.version:
            return self.pack
        return self.kept.get(version, self.pack)

    def around(self, coupons: frozenset[str] = frozenset(), member_tags: frozenset[str] = frozenset()) -> Context:
        """Return what is known around a basket now, to the second, by the store's own clock."""
        local = self.now.astimezone(ZoneInfo(self.store.timezone)).replace(tzinfo=None, microsecond=0)
        return Context(now=local, coupons=coupons, member_tags=member_tags, store=self.store.code, channel=CHANNEL)
