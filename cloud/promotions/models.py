"""Promotions as head office writes them, the packs that stores get, and what can be wrong with either."""

from collections import Counter
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from cloud.promotions.words import Written
from shared.errors import Conflict, Invalid, NotFound
from shared.model.store import Language
from shared.model.strict import Code, Id, MinorFromZero, Moment, Name, Strict
from shared.promotions.evaluation import Evaluation

PROMOTIONS_MAX = 10_000  # that hold at once; the largest chain we saw has 2,400 in a store
STORES_NAMED_MAX = 1_000  # in one publication; who means more means all

State = Literal["draft", "active", "ended"]
Family = Literal[
    "easy", "easy_plus", "line_special", "combo", "group", "requisite_target", "basket_threshold", "special"
]
Text = Annotated[str, StringConstraints(max_length=64)]
NumberCursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,15}$")]
Stores = Annotated[tuple[Code, ...], Field(min_length=1, max_length=STORES_NAMED_MAX)]
PageSize = Annotated[int, Field(ge=1, le=200)]


class PromotionRefused(Invalid):
    """Promotion {promotion} cannot be offered: {problem}"""

    hint = "Correct the field that is named and save it again; nothing was changed."


class OtherPromotion(Invalid):
    """The address is about promotion {address}, and its content about {promotion}."""

    hint = "Use the same id in both; to rename a promotion, write a new one and end the old one."


class TooManyPromotions(Conflict):
    """A store can hold {most} promotions, and this would make {count}."""

    hint = "End promotions that are over, then try again; nothing was changed."


class UnknownStore(NotFound):
    """No store of yours has the code {store}."""

    hint = "Look at the stores' codes; they stand on the page Stores."


class AlreadyPublished(Conflict):
    """Pack {number} is at the stores already."""

    hint = "Publish another pack; that takes its place."


class DamagedPack(Conflict):
    """Pack {number} is not what it was when it was made, and goes to no store."""

    hint = "Take it back and publish again; then look for what changed head office's database."


class Finding(Strict):
    """Something about a promotion that a buyer should know. An error keeps it from being saved."""

    severity: Literal["error", "warning"]
    field: str
    code: Code  # for machines and translators
    message: str


class PromotionsRequest(Strict):
    """All promotions that shall hold from now on; those not named end."""

    promotions: Annotated[tuple[Written, ...], Field(max_length=PROMOTIONS_MAX)]

    @model_validator(mode="after")
    def names_each_once(self) -> Self:
        counts = Counter(promotion.id for promotion in self.promotions)
        doubled = [promotion_id for promotion_id, count in counts.items() if count > 1]
        if doubled:
            raise ValueError(f"two promotions have the id {doubled[0]!r}")
        return self


class PromotionsReport(Strict):
    """The promotions that hold now. The version is the one that orders will name."""

    version: Name
    promotions: int
    added: int
    changed: int
    ended: int


class PromotionRequest(Strict):
    """One promotion. A draft is in no pack; what is active is in the next one."""

    promotion: Written
    state: State = "active"


class PromotionRow(Strict):
    """A promotion in a list. `published`: whether stores have it as it stands here, as it was, or not at all."""

    id: Code
    name: Name
    family: Family
    layer: int
    priority: int
    starts: str | None  # by each store's own clock
    ends: str | None
    coupon: Code | None
    member_tag: Code | None
    state: State
    revision: int
    published: Literal["as_is", "earlier", "no"]
    updated_at: AwareDatetime


class PromotionDetail(Strict):
    """One promotion, whole, with what a buyer should know about it."""

    row: PromotionRow
    promotion: Written
    findings: tuple[Finding, ...]


class DraftRequest(Strict):
    """A promotion as far as it is written; it may lack anything and be wrong everywhere."""

    promotion: dict[str, Any]


class DraftCheck(Strict):
    """What is to be said about a draft before it is saved, and the names of the products that it lists by sku."""

    findings: tuple[Finding, ...]
    products: dict[str, str]


class PromotionPage(Strict):
    """Promotions by id; ask again with `next` as the cursor for more. `unpublished`: how many would go with a pack."""

    promotions: tuple[PromotionRow, ...]
    next: str | None
    total: int
    unpublished: int


class PromotionQuery(Strict):
    """Which promotions: with these words in id, name or external id, of a family, in a state."""

    query: Text = ""
    family: Family | None = None
    state: State | None = None
    cursor: Text = ""
    limit: PageSize = 50


class PackRequest(Strict):
    """To whom the active promotions go, and when; without stores to all, without a time at once."""

    stores: Stores | None = None
    starts_at: Moment | None = None


class ChangesRequest(Strict):
    """Which stores are looked at; all of them without a list."""

    stores: Stores | None = None


class FieldChange(Strict):
    """One field of a promotion before and after, as JSON that may be cut short."""

    field: str
    before: str
    after: str


class PackChange(Strict):
    """What the next pack does to one promotion. fields: as in the first of the stores where it changes."""

    promotion_id: Code
    name: Name
    outcome: Literal["added", "changed", "ended"]
    stores: int  # in how many of them
    fields: tuple[FieldChange, ...]


class PackChanges(Strict):
    """What the next pack would change at stores, by promotion. The list may be cut short; counts are whole."""

    changes: tuple[PackChange, ...]
    added: int
    changed: int
    ended: int
    promotions: int  # that hold afterwards
    stores: int  # that were looked at


class PackView(Strict):
    """One publication of a pack. It waits for `starts_at` while `published_at` is empty."""

    number: int
    version: Code
    promotions: int
    stores: tuple[Code, ...]  # their codes; none: all
    asked_at: AwareDatetime
    starts_at: AwareDatetime | None
    published_at: AwareDatetime | None


class PackPage(Strict):
    """Publications, the newest first."""

    packs: tuple[PackView, ...]
    next: str | None


class NumberedQuery(Strict):
    """Where the last page of a numbered list ended."""

    cursor: NumberCursor = ""
    limit: PageSize = 50


class UnknownPack(NotFound):
    """Head office has no pack {version}, with which this order was priced."""

    hint = "The box may sell with promotions that head office did not send; let it fetch its catalogue anew."


class NotTold(NotFound):
    """The store's box did not say with what this order was priced."""

    hint = "Its software is older; bring it up to date, and later orders can be looked into."


AlarmReason = Literal[
    "different",  # the same basket and promotions come to something else here
    "not_proven",  # the same, but one of the two searches gave up early, so that both may be honest
    "unknown_pack",  # priced with promotions that head office never published
    "engine_version",  # priced by another version of the engine: not compared
    "failed",  # pricing it here failed
]


class Alarm(Strict):
    """An order that head office does not come to the same result for. It stays what it is; people look at it."""

    number: int
    order_id: Id
    receipt_number: Code
    store_id: Id
    store_name: Name
    reason: AlarmReason
    edge_log: dict[str, Any]  # what the order says: pack_version, pricing, applications
    our_log: dict[str, Any] | None  # our whole evaluation; None where there is none
    at: AwareDatetime
    acknowledged_at: AwareDatetime | None


class AlarmPage(Strict):
    """Alarms, the newest first. `waiting`: how many nobody has acknowledged."""

    alarms: tuple[Alarm, ...]
    next: str | None
    waiting: int


class AlarmQuery(NumberedQuery):
    """Which alarms; `waiting`: only those that nobody has acknowledged."""

    waiting: bool = False


class PricingQuery(Strict):
    """In which language sentences are."""

    language: Language = "en"


class Reason(Strict):
    """What one promotion did to an order, or why it did nothing, as a sentence."""

    promotion_id: Code
    name: Name
    applied: bool
    discount_minor: MinorFromZero
    code: Code  # "applied", or the reason of the refusal
    text: str


class OrderPricing(Strict):
    """An order's lines priced again with its own promotions, and why each of them did what it did."""

    evaluation: Evaluation
    discount_minor: MinorFromZero
    same: bool  # whether the shop came to the same
    reasons: tuple[Reason, ...]
