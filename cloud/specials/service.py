"""Writing campaigns of coupons and donations, and showing how they are doing."""

from datetime import datetime

from cloud.database import Transaction
from cloud.received import Handlers, Received
from cloud.specials import storage
from cloud.specials.models import (
    CampaignEnded,
    CampaignFixed,
    CampaignPage,
    CampaignRequest,
    CampaignView,
    CodePage,
    Donated,
    DonationList,
    DonationView,
    NoBatch,
    NoVoucher,
    TextTaken,
    VoucherBalance,
)
from cloud.sync import feed
from cloud.uses import service as uses
from shared import coupons, ids
from shared.errors import NotFound
from shared.events.orders import OrderCompleted
from shared.model.special import Campaign, DonationCampaign


def put_campaign(
    tx: Transaction, tenant_id: str, campaign_id: str, wanted: CampaignRequest, now: datetime
) -> CampaignView:
    """Begin a campaign, or change its terms. Raises TextTaken, CampaignFixed, CampaignEnded."""
    known = storage.campaign(tx, tenant_id, campaign_id)
    if known is not None:
        _demand_changeable(*known, wanted)
    text = coupons.folded(wanted.text)
    if storage.by_text(tx, tenant_id, text) not in {None, campaign_id}:
        raise TextTaken(text=wanted.text)
    key = known[0].key if known else ids.new_key("sw_coupon")
    campaign = Campaign(id=campaign_id, key=key, **dict(wanted))
    storage.put_campaign(tx, tenant_id, campaign, text, now)
    feed.publish(tx, tenant_id, "coupon", {campaign_id: campaign.model_dump(mode="json")})
    uses.put_quotas(tx, tenant_id, [campaign.quota], now)
    return _view(tx, tenant_id, campaign, "active", now)


def _demand_changeable(known: Campaign, state: storage.State, wanted: CampaignRequest) -> None:
    if state == "ended":
        raise CampaignEnded
    if wanted.kind != known.kind:
        raise CampaignFixed(field="kind")
    if known.kind == "batch" and wanted.text != known.text:
        raise CampaignFixed(field="text")
    if (wanted.voucher and wanted.voucher.currency) != (known.voucher and known.voucher.currency):
        raise CampaignFixed(field="voucher")
    if (wanted.size or 0) < (known.size or 0):
        raise CampaignFixed(field="size")


def end_campaign(tx: Transaction, tenant_id: str, campaign_id: str) -> None:
    """End a campaign: stores take its coupons no more. Raises NotFound."""
    campaign, _ = _known(tx, tenant_id, campaign_id)
    storage.end_campaign(tx, tenant_id, campaign.id)
    feed.publish(tx, tenant_id, "coupon", {campaign.id: None})
    uses.close_quotas(tx, tenant_id, [campaign.id])


def page(tx: Transaction, tenant_id: str, cursor: str, limit: int, now: datetime) -> CampaignPage:
    """Return campaigns behind the id `cursor`, by id."""
    found = storage.campaigns(tx, tenant_id, cursor, limit)
    views = tuple(_view(tx, tenant_id, campaign, state, now) for campaign, state in found)
    return CampaignPage(campaigns=views, next=views[-1].id if len(views) == limit else None)


def show(tx: Transaction, tenant_id: str, campaign_id: str, now: datetime) -> CampaignView:
    """Return one campaign. Raises NotFound."""
    return _view(tx, tenant_id, *_known(tx, tenant_id, campaign_id), now)


def codes(tx: Transaction, tenant_id: str, campaign_id: str, after: int, limit: int) -> CodePage:
    """Return the codes of a batch behind the serial `after`. Raises NotFound, NoBatch."""
    campaign, _ = _known(tx, tenant_id, campaign_id)
    if campaign.size is None:
        raise NoBatch(text=campaign.text)
    last = min(after + limit, campaign.size)
    written = tuple(coupons.written(campaign, serial) for serial in range(after + 1, last + 1))
    return CodePage(codes=written, next=last if last < campaign.size and written else None)


def balance(tx: Transaction, tenant_id: str, campaign_id: str, code: str, now: datetime) -> VoucherBalance:
    """Return what is left on a voucher's code, and who used it. Raises NotFound, NoVoucher."""
    campaign, _ = _known(tx, tenant_id, campaign_id)
    coupon = coupons.recognise(code, [campaign])
    voucher = campaign.voucher
    if voucher is None or coupon.digest is None:
        raise NoVoucher(name=campaign.name)
    return VoucherBalance(
        currency=voucher.currency,
        worth_minor=voucher.worth_minor,
        left_minor=uses.balance_minor(tx, tenant_id, campaign.quota, coupon.digest, now) or 0,
        uses=uses.of_code(tx, tenant_id, campaign_id, coupon.digest),
    )


def put_donation_campaign(tx: Transaction, tenant_id: str, wanted: DonationCampaign) -> DonationView:
    """Let shoppers give for something, or name it anew."""
    storage.put_donation_campaign(tx, tenant_id, wanted, "active")
    feed.publish(tx, tenant_id, "donation", {wanted.id: wanted.model_dump(mode="json")})
    return next(view for view in donations(tx, tenant_id).donations if view.id == wanted.id)


def end_donation_campaign(tx: Transaction, tenant_id: str, campaign_id: str) -> None:
    """Shoppers are not asked for it any more; what was given stays. Raises NotFound."""
    known = {campaign.id: campaign for campaign, _ in storage.donation_campaigns_of(tx, tenant_id)}
    if campaign_id not in known:
        raise NotFound(kind="donation campaign", campaign=campaign_id)
    storage.put_donation_campaign(tx, tenant_id, known[campaign_id], "ended")
    feed.publish(tx, tenant_id, "donation", {campaign_id: None})


def donations(tx: Transaction, tenant_id: str) -> DonationList:
    """Return all donation campaigns with what was given."""
    given: dict[str, list[Donated]] = {}
    for campaign_id, currency, count, minor in storage.donated(tx, tenant_id):
        given.setdefault(campaign_id, []).append(Donated(currency=currency, donations=count, minor=minor))
    views = tuple(
        DonationView(id=campaign.id, name=campaign.name, state=state, donated=tuple(given.get(campaign.id, ())))
        for campaign, state in storage.donation_campaigns_of(tx, tenant_id)
    )
    return DonationList(donations=views)


def on_order_completed(tx: Transaction, received: Received[OrderCompleted]) -> None:
    """Note what was given."""
    order, given = received.fact.order, received.fact.order.donation
    if given is not None:
        at = received.received_at
        storage.add_donation(tx, received.tenant_id, order.id, given.campaign, order.currency, given.minor, at)


def _known(tx: Transaction, tenant_id: str, campaign_id: str) -> tuple[Campaign, storage.State]:
    found = storage.campaign(tx, tenant_id, campaign_id)
    if found is None:
        raise NotFound(kind="campaign", campaign=campaign_id)
    return found


def _view(tx: Transaction, tenant_id: str, campaign: Campaign, state: storage.State, now: datetime) -> CampaignView:
    standing = uses.standing(tx, tenant_id, campaign.quota, now)
    return CampaignView(
        id=campaign.id,
        state=state,
        terms=CampaignRequest(**campaign.model_dump(exclude={"id", "key"})),
        used=standing.used,
        reserved=standing.reserved,
        leased=standing.leased,
        left=standing.left,
    )


handlers: Handlers = {OrderCompleted: on_order_completed}
