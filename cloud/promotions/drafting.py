"""Looking at what a buyer writes before it is saved or published: what is wrong, and what it would change."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.promotions import checks, service, storage, words
from cloud.promotions.matching import beside_catalogue
from cloud.promotions.models import DraftCheck, Finding, PackChange, PackChanges, UnknownStore
from cloud.promotions.report import differences
from cloud.sync import feed
from shared.promotions.pack import ONE
from shared.protocol.feed import text_of

Body = dict[str, Any]  # a promotion as stores know it
Outcome = Literal["added", "changed", "ended"]

CHANGES_SHOWN_MAX = 200
SKUS_NAMED_MAX = 500


def check(tx: Transaction, tenant_id: str, written: Mapping[str, Any], now: datetime) -> DraftCheck:
    """Say everything about a draft that saving it would say, and more: products that nobody knows."""
    skus = set(_skus(written))
    found = feed.bodies(tx, tenant_id, "product", sorted(skus)[:SKUS_NAMED_MAX]) if skus else {}
    products = {sku: json.loads(body)["name"] for sku, body in found.items()}
    try:
        promotion = ONE.validate_json(json.dumps(written))
    except ValidationError as error:
        faults = (
            Finding(severity="error", field=one.field, code=one.code, message=one.saying) for one in words.faults(error)
        )
        return DraftCheck(findings=tuple(faults), products=products)
    around = beside_catalogue(tx, tenant_id, promotion, service.shops(tx, tenant_id, [promotion], now))
    return DraftCheck(findings=checks.findings(promotion, around), products=products)


def _skus(written: Any) -> Iterator[str]:
    """Yield the skus that stand anywhere in a draft, whatever else is wrong with it."""
    if isinstance(written, dict):
        for key, value in written.items():
            if key in {"skus", "not_skus"} and isinstance(value, list):
                yield from (sku for sku in value if isinstance(sku, str))
            else:
                yield from _skus(value)
    elif isinstance(written, list):
        for part in written:
            yield from _skus(part)


def changes(tx: Transaction, tenant_id: str, codes: Collection[str] | None) -> PackChanges:
    """Return what a pack of the active promotions would change at these stores, at all of them without codes.

    Raises UnknownStore.
    """
    after = {key: json.loads(body) for key, body in storage.active(tx, tenant_id).items()}
    stores = {store.code: store.id for store in fleet.stores(tx, tenant_id)}
    for code in codes or ():
        if code not in stores:
            raise UnknownStore(store=code)
    chosen = [store_id for code, store_id in stores.items() if codes is None or code in codes]
    found: dict[str, PackChange] = {}
    for before, count in _seen(tx, tenant_id, chosen):
        for change in _between(before, after, count):
            known = found.get(change.promotion_id)
            found[change.promotion_id] = (
                known.model_copy(update={"stores": known.stores + count}) if known is not None else change
            )
    outcomes = [change.outcome for change in found.values()]
    return PackChanges(
        changes=tuple(found[key] for key in sorted(found)[:CHANGES_SHOWN_MAX]),
        added=outcomes.count("added"),
        changed=outcomes.count("changed"),
        ended=outcomes.count("ended"),
        promotions=len(after),
        stores=len(chosen),
    )


def _seen(tx: Transaction, tenant_id: str, store_ids: Collection[str]) -> Iterator[tuple[dict[str, str], int]]:
    """Yield what stores have, and how many have the same: only some few differ from all the others."""
    apart = feed.stores_apart(tx, tenant_id, "promotion") & set(store_ids)
    if alike := len(store_ids) - len(apart):
        yield feed.bodies(tx, tenant_id, "promotion"), alike
    for store_id in sorted(apart):
        yield feed.seen_by(tx, tenant_id, store_id, "promotion"), 1


def _between(before: Mapping[str, str], after: Mapping[str, Body], stores: int) -> Iterator[PackChange]:
    for key, body in after.items():
        if key not in before:
            yield _change(body, "added", stores, {}, {})
        elif before[key] != text_of(body):
            yield _change(body, "changed", stores, json.loads(before[key]), body)
    for key in before.keys() - after.keys():
        yield _change(json.loads(before[key]), "ended", stores, {}, {})


def _change(
    named: Mapping[str, Any], outcome: Any, stores: int, old: dict[str, Any], new: dict[str, Any]
) -> PackChange:
    return PackChange(
        promotion_id=named["id"],
        name=named.get("name") or named["id"],
        outcome=outcome,
        stores=stores,
        fields=tuple(differences(old, new)),
    )
