"""Why each promotion did what it did to an order, in sentences for the person who asks."""

from collections.abc import Iterable, Iterator

from cloud.database import Transaction
from cloud.orders import service as orders
from cloud.promotions import recheck, service
from cloud.promotions.models import NotTold, OrderPricing, Reason, UnknownPack
from shared import messages
from shared.model.store import Language
from shared.promotions import engine
from shared.promotions.evaluation import Application, Evaluation, Refusal
from shared.promotions.unopened import unopened
from shared.receipts.document import amount_text

Names = dict[str, str]  # of promotions, by id


def explain(tx: Transaction, tenant_id: str, order_id: str, language: Language) -> OrderPricing:
    """Price an order again and say why. Raises NotFound, NotTold, UnknownPack."""
    order = orders.detail(tx, tenant_id, order_id).order
    if order.pricing is None:
        raise NotTold(order=order_id)
    published = service.published(tx, tenant_id, order.pack_version)
    if published is None:
        raise UnknownPack(version=order.pack_version)
    pack = published.with_own(order.own_promotions)
    around = recheck.proven(tx, tenant_id, order.store_id, order.pricing).around
    evaluation = engine.evaluate(order.lines, pack, around)
    unshown = unopened(order.lines, pack, around)
    names = {promotion.id: promotion.title for promotion in pack.promotions}
    return OrderPricing(
        evaluation=evaluation,
        discount_minor=evaluation.discount_minor,
        same=recheck.is_same(order, evaluation),
        reasons=tuple(_reasons(evaluation, unshown, names, order.currency, language)),
    )


def _reasons(
    evaluation: Evaluation, unshown: Iterable[Refusal], names: Names, currency: str, language: Language
) -> Iterator[Reason]:
    for use in evaluation.applications:
        yield Reason(
            promotion_id=use.promotion_id,
            name=use.name,
            applied=True,
            discount_minor=use.discount_minor,
            code="applied",
            text=_applied(use, currency, language),
        )
    for refusal in (*evaluation.refusals, *unshown):
        yield Reason(
            promotion_id=refusal.promotion_id,
            name=refusal.name,
            applied=False,
            discount_minor=0,
            code=refusal.reason,
            text=_refused(refusal, names, currency, language),
        )


def _applied(use: Application, currency: str, language: Language) -> str:
    off = _money(use.discount_minor, currency, language)
    units = sum(part.units for part in use.parts)
    return messages.text(language, "why.applied", amount=off, units=units)


def _refused(refusal: Refusal, names: Names, currency: str, language: Language) -> str:
    missing = _money(refusal.missing_minor, currency, language)
    if refusal.reason == "short" and refusal.missing_quantity and refusal.missing_minor:
        return messages.text(language, "why.short_both", count=refusal.missing_quantity, amount=missing)
    if refusal.reason == "short" and refusal.missing_minor:
        return messages.text(language, "why.short_amount", amount=missing)
    if refusal.reason == "short":
        return messages.text(language, "why.short", count=refusal.missing_quantity)
    if refusal.reason in {"outbid", "taken"} and refusal.taken_by:
        by = ", ".join(names.get(promotion_id, promotion_id) for promotion_id in refusal.taken_by)
        return messages.text(language, f"why.{refusal.reason}_by", names=by)
    return messages.text(language, f"why.{refusal.reason}")


def _money(minor: int, currency: str, language: Language) -> str:
    return f"{amount_text(minor, currency, language)} {currency}"
