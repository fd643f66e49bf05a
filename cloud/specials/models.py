"""Campaigns as head office writes and lists them, and what can go wrong."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from cloud.uses.models import CodeUse
from shared.errors import Conflict
from shared.model.special import CampaignId, CampaignTerms
from shared.model.strict import Currency, Name, Strict


class TextTaken(Conflict):
    """Another campaign uses the text {text}."""

    hint = "Choose another text: stores could not tell the coupons apart."


class CampaignFixed(Conflict):
    """The {field} of this campaign cannot change any more."""

    hint = "Codes are out in the world; end this campaign and begin another one."


class CampaignEnded(Conflict):
    """This campaign has ended."""

    hint = "Begin another one, with an id of its own."


class NoBatch(Conflict):
    """This campaign has one code for all: {text}"""

    hint = "Only a batch has codes to hand out."


class NoVoucher(Conflict):
    """The codes of {name} are worth no amount."""

    hint = "Only vouchers have a balance; look at how often the campaign was used."


class CampaignRequest(CampaignTerms):
    """The terms of a campaign. Promotions name its id as their gate's coupon."""

    model_config = ConfigDict(extra="forbid")


class CampaignView(Strict):
    """A campaign and how it is doing: left is what can still be reserved here, None without a limit."""

    id: CampaignId
    state: Literal["active", "ended"]
    terms: CampaignRequest
    used: int
    reserved: int  # for baskets that are being paid
    leased: int  # to boxes, and not spent as far as their orders have arrived
    left: int | None


class CampaignPage(Strict):
    """Campaigns by id; ask again with `next` as the cursor for more."""

    campaigns: tuple[CampaignView, ...]
    next: str | None


class CampaignQuery(Strict):
    """Where the last page ended."""

    cursor: Annotated[str, StringConstraints(max_length=64)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class CodeQuery(Strict):
    """Where the last page ended, as a serial."""

    cursor: Annotated[int, Field(ge=0, le=2**25)] = 0
    limit: Annotated[int, Field(ge=1, le=10_000)] = 1_000


class CodePage(Strict):
    """Codes of a batch by serial; ask again with `next` as the cursor for more."""

    codes: tuple[str, ...]
    next: int | None


class BalanceQuery(Strict):
    """A voucher's code, as it is printed on it."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class VoucherBalance(Strict):
    """What a voucher was worth and what is left, with its uses, newest first."""

    currency: Currency
    worth_minor: int
    left_minor: int
    uses: tuple[CodeUse, ...]


class DonationRequest(Strict):
    """Whom shoppers may give something, as receipts name it."""

    name: Name


class Donated(Strict):
    """What was given in one currency."""

    currency: Currency
    donations: int
    minor: int


class DonationView(Strict):
    """A donation campaign and what was given to it in all orders that arrived."""

    id: CampaignId
    name: Name
    state: Literal["active", "ended"]
    donated: tuple[Donated, ...]


class DonationList(Strict):
    """All donation campaigns; a business has some few."""

    donations: tuple[DonationView, ...]
