"""Writing promotions, and publishing packs of them to the stores."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Literal

import structlog

from cloud import requests
from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.promotions import checks, storage
from cloud.promotions.checks import Shops
from cloud.promotions.matching import beside_catalogue
from cloud.promotions.models import (
    PROMOTIONS_MAX,
    AlreadyPublished,
    DamagedPack,
    OtherPromotion,
    PackPage,
    PackRequest,
    PackView,
    PromotionDetail,
    PromotionPage,
    PromotionQuery,
    PromotionRefused,
    PromotionRequest,
    PromotionRow,
    PromotionsReport,
    State,
    TooManyPromotions,
    UnknownStore,
)
from cloud.sync import feed
from cloud.uses import service as uses
from shared.errors import NotFound
from shared.model.quota import promotion_quota, quota_of
from shared.promotions import pack as packs
from shared.promotions.families import Promotion
from shared.promotions.pack import EMPTY, BadPromotion, Pack
from shared.protocol.feed import text_of

log = structlog.get_logger()

PACKS = "packs"  # topic of the hub: a pack was asked for


def set_promotions(tx: Transaction, tenant_id: str, promotions: Sequence[Promotion], now: datetime) -> PromotionsReport:
    """Make these the active promotions and publish them to all stores; what is active and not among them ends.

    Raises PromotionRefused.
    """
    demand_sound(promotions, shops(tx, tenant_id, promotions, now))
    before = storage.active(tx, tenant_id)
    after = {promotion.id: promotion for promotion in promotions}
    added = [promotion for promotion in promotions if promotion.id not in before]
    changed = [one for one in promotions if one.id in before and before[one.id] != packs.written(one)]
    ended = sorted(before.keys() - after.keys())
    save(tx, tenant_id, [(promotion, "active") for promotion in [*added, *changed]], now)
    _end(tx, tenant_id, ended, now)
    version = publish(tx, tenant_id, PackRequest(), now, None).version
    return PromotionsReport(
        version=version, promotions=len(after), added=len(added), changed=len(changed), ended=len(ended)
    )


def save(tx: Transaction, tenant_id: str, written: Sequence[tuple[Promotion, State]], now: datetime) -> None:
    """Keep promotions, each as its next revision. They were found sound before. Raises TooManyPromotions."""
    known = storage.all_promotions(tx, tenant_id)
    revisions = {one.id: known[one.id].revision + 1 if one.id in known else 1 for one, _ in written}
    storage.put(tx, tenant_id, written, revisions, now)
    _count_uses(tx, tenant_id, written, known, now)
    count = len(storage.active(tx, tenant_id))
    if count > PROMOTIONS_MAX:
        raise TooManyPromotions(most=PROMOTIONS_MAX, count=count)


def _count_uses(
    tx: Transaction,
    tenant_id: str,
    written: Sequence[tuple[Promotion, State]],
    known: Mapping[str, storage.Record],
    now: datetime,
) -> None:
    """Let uses of promotions be counted from when they are active, and not before. known: as they were."""
    opened, closed = [], []
    for promotion, state in written:
        quota, before = quota_of(promotion), known.get(promotion.id)
        if state == "active" and quota is not None:
            opened.append(quota)
        elif before is not None and quota_of(packs.parse(before.body)) is not None:
            closed.append(promotion_quota(promotion.id))
    uses.put_quotas(tx, tenant_id, opened, now)
    uses.close_quotas(tx, tenant_id, closed)


def _end(tx: Transaction, tenant_id: str, promotion_ids: Sequence[str], now: datetime) -> None:
    storage.end(tx, tenant_id, promotion_ids, now)
    uses.close_quotas(tx, tenant_id, [promotion_quota(promotion_id) for promotion_id in promotion_ids])


def shops(tx: Transaction, tenant_id: str, promotions: Iterable[Promotion], now: datetime) -> Shops:
    """Return what the checks of these promotions look at."""
    skus = {sku for promotion in promotions for sku in checks.named_skus(promotion)}
    prices = feed.bodies(tx, tenant_id, "price", skus)
    return Shops(
        zones={store.code: store.timezone for store in fleet.stores(tx, tenant_id)},
        prices_minor={sku: json.loads(body)["price_minor"] for sku, body in prices.items()},
        now=now,
    )


def demand_sound(promotions: Iterable[Promotion], around: Shops) -> None:
    """Raises PromotionRefused for the first promotion that has an error."""
    for promotion in promotions:
        wrong = [finding for finding in checks.findings(promotion, around) if finding.severity == "error"]
        if wrong:
            problem = "; ".join(f"{finding.field}: {finding.message}" for finding in wrong)
            raise PromotionRefused(promotion=promotion.id, problem=problem)


def put(tx: Transaction, tenant_id: str, promotion_id: str, wanted: PromotionRequest, now: datetime) -> PromotionDetail:
    """Write one promotion; stores get it with the next pack. What is as before keeps its revision.

    Raises OtherPromotion, PromotionRefused, TooManyPromotions.
    """
    promotion = wanted.promotion
    if promotion.id != promotion_id:
        raise OtherPromotion(address=promotion_id, promotion=promotion.id)
    demand_sound([promotion], shops(tx, tenant_id, [promotion], now))
    known = storage.promotion(tx, tenant_id, promotion_id)
    if known is None or (known.body, known.state) != (packs.written(promotion), wanted.state):
        save(tx, tenant_id, [(promotion, wanted.state)], now)
    return detail(tx, tenant_id, promotion_id, now)


def end(tx: Transaction, tenant_id: str, promotion_id: str, now: datetime) -> None:
    """End one promotion; stores lose it with the next pack. A draft, which nobody ever saw, is removed.

    Raises NotFound.
    """
    row = _known(tx, tenant_id, promotion_id)
    if row.state == "draft":
        storage.remove(tx, tenant_id, promotion_id)
    elif row.state == "active":
        _end(tx, tenant_id, [promotion_id], now)


def _known(tx: Transaction, tenant_id: str, promotion_id: str) -> storage.Record:
    row = storage.promotion(tx, tenant_id, promotion_id)
    if row is None:
        raise NotFound(kind="promotion", promotion=promotion_id)
    return row


def detail(tx: Transaction, tenant_id: str, promotion_id: str, now: datetime) -> PromotionDetail:
    """Return one promotion with what a buyer should know about it. Raises NotFound."""
    row = _known(tx, tenant_id, promotion_id)
    promotion = packs.parse(row.body)
    published = feed.bodies(tx, tenant_id, "promotion", [promotion_id])
    around = beside_catalogue(tx, tenant_id, promotion, shops(tx, tenant_id, [promotion], now))
    found = checks.findings(promotion, around)
    return PromotionDetail(row=_row(row, promotion, published), promotion=promotion, findings=found)


def page(tx: Transaction, tenant_id: str, query: PromotionQuery) -> PromotionPage:
    """Return promotions by id."""
    text, family, state = query.query, query.family, query.state
    rows, total = storage.listed(tx, tenant_id, text, family, state, query.cursor, query.limit)
    published = feed.bodies(tx, tenant_id, "promotion")
    return PromotionPage(
        promotions=tuple(_row(row, packs.parse(row.body), published) for row in rows),
        next=rows[-1].id if len(rows) == query.limit else None,
        total=total,
        unpublished=_unpublished(storage.active(tx, tenant_id), published),
    )


def _unpublished(active: Mapping[str, str], published: Mapping[str, str]) -> int:
    """Return how many promotions the next pack to all stores would add, change or end."""
    changed = sum(published.get(key) != text_of(json.loads(body)) for key, body in active.items())
    return changed + len(published.keys() - active.keys())


def _row(row: storage.Record, promotion: Promotion, published: Mapping[str, str]) -> PromotionRow:
    at_stores = published.get(row.id)
    as_is = at_stores == text_of(packs.body(promotion))
    standing: Literal["as_is", "earlier", "no"] = "no" if at_stores is None else "as_is" if as_is else "earlier"
    return PromotionRow(
        id=row.id,
        name=promotion.title,
        family=promotion.family,
        layer=promotion.layer,
        priority=promotion.priority,
        starts=promotion.gate.from_,
        ends=promotion.gate.to,
        coupon=promotion.gate.coupon,
        member_tag=promotion.gate.member_tag,
        state=row.state,
        revision=row.revision,
        published=standing,
        updated_at=aware(row.updated_at),
    )


def publish(tx: Transaction, tenant_id: str, wanted: PackRequest, now: datetime, request_key: str | None) -> PackView:
    """Make a pack of the active promotions, and give it to the stores now or when its time comes.

    Raises UnknownStore.
    """

    def make() -> PackView:
        known = {store.code: store.id for store in fleet.stores(tx, tenant_id)}
        for code in wanted.stores or ():
            if code not in known:
                raise UnknownStore(store=code)
        made = Pack.of(packs.parse(body) for body in storage.active(tx, tenant_id).values())
        storage.keep_pack(tx, tenant_id, made.version, len(made.promotions), made.text())
        store_ids = sorted({known[code] for code in wanted.stores}) if wanted.stores else [feed.EVERY_STORE]
        starts_at = wanted.starts_at if wanted.starts_at and wanted.starts_at > now else None
        number = storage.add_publication(tx, tenant_id, made.version, store_ids, now, starts_at)
        if starts_at is None:
            _deliver(tx, tenant_id, number, now)
        (view,) = _views(tx, tenant_id, storage.publication(tx, tenant_id, number))
        return view

    return requests.once(tx, tenant_id, request_key, wanted, now, PackView, make)


def is_due(tx: Transaction, now: datetime) -> bool:
    """Tell whether the time of any pack has come."""
    return bool(storage.due(tx, now))


def publish_due(tx: Transaction, now: datetime) -> set[str]:
    """Deliver the packs whose time has come. Returns the tenants they belong to.

    One that is damaged stays waiting, and holds up no other.
    """
    tenants = set()
    for tenant_id, number in storage.due(tx, now):
        with suppress(DamagedPack), tx.begin_nested():
            _deliver(tx, tenant_id, number, now)
            tenants.add(tenant_id)
    return tenants


def cancel(tx: Transaction, tenant_id: str, number: int) -> None:
    """Take back a pack that waits for its time. Raises NotFound, AlreadyPublished."""
    rows = storage.publication(tx, tenant_id, number)
    if not rows:
        raise NotFound(kind="pack", number=number)
    if rows[0].published_at is not None:
        raise AlreadyPublished(number=number)
    storage.remove_publication(tx, tenant_id, number)


def published(tx: Transaction, tenant_id: str, version: str) -> Pack | None:
    """Return a pack of ours; None if we never made it, or what is kept under its name is not what we made.

    Before the first publication stores sell with the empty one.
    """
    text = storage.pack(tx, tenant_id, version)
    if text is None:
        return EMPTY if version == EMPTY.version else None
    with suppress(BadPromotion):
        found = Pack.from_text(text)
        if found.version == version:
            return found
    log.error("pack_damaged", tenant=tenant_id, version=version)
    return None


def pack_page(tx: Transaction, tenant_id: str, cursor: int | None, limit: int) -> PackPage:
    """Return publications, the newest first."""
    views = _views(tx, tenant_id, storage.publications_before(tx, tenant_id, cursor, limit))
    return PackPage(packs=views, next=str(views[-1].number) if len(views) == limit else None)


def _views(tx: Transaction, tenant_id: str, rows: Iterable[storage.Record]) -> tuple[PackView, ...]:
    codes = {store.id: store.code for store in fleet.stores(tx, tenant_id)}
    views = []
    for number, found in groupby(rows, key=lambda row: row.number):
        of_stores = list(found)
        first = of_stores[0]
        views.append(
            PackView(
                number=number,
                version=first.version,
                promotions=first.size,
                stores=tuple(sorted(codes[row.store_id] for row in of_stores if row.store_id)),
                asked_at=aware(first.asked_at),
                starts_at=aware(first.starts_at) if first.starts_at else None,
                published_at=aware(first.published_at) if first.published_at else None,
            )
        )
    return tuple(views)


def _deliver(tx: Transaction, tenant_id: str, number: int, now: datetime) -> None:
    """Publish a pack into the feed, unless another process did. Raises DamagedPack."""
    for row in storage.claim(tx, tenant_id, number, now):
        pack = published(tx, tenant_id, row.version)
        if pack is None:
            raise DamagedPack(number=number)
        bodies = {promotion.id: packs.body(promotion) for promotion in pack.promotions}
        if row.store_id == feed.EVERY_STORE:
            _to_all(tx, tenant_id, bodies)
        else:
            _to_one(tx, tenant_id, row.store_id, bodies)


def _to_all(tx: Transaction, tenant_id: str, bodies: Mapping[str, dict[str, Any]]) -> None:
    """Make this the pack of every store. What single stores had of their own is covered by rows that are newer."""
    own = feed.take_back(tx, tenant_id, "promotion")
    before = feed.bodies(tx, tenant_id, "promotion")
    feed.publish(tx, tenant_id, "promotion", _news(before, bodies, own), anew=True)


def _to_one(tx: Transaction, tenant_id: str, store_id: str, bodies: Mapping[str, dict[str, Any]]) -> None:
    """Make this the pack of one store, by rows of its own over those of all stores."""
    before = feed.seen_by(tx, tenant_id, store_id, "promotion")
    feed.publish(tx, tenant_id, "promotion", _news(before, bodies, ()), store_id, anew=True)


def _news(
    before: Mapping[str, str], bodies: Mapping[str, dict[str, Any]], doubtful: Collection[str]
) -> dict[str, dict[str, Any] | None]:
    """Return what must be told so that a node comes from `before` to `bodies`. doubtful: told in any case."""
    changed = {key for key, body in bodies.items() if before.get(key) != text_of(body)}
    return {key: bodies.get(key) for key in sorted(changed | (before.keys() - bodies.keys()) | set(doubtful))}


def aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is stored in UTC."""
    return moment.replace(tzinfo=moment.tzinfo or UTC)
