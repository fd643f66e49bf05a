"""What pricing a basket came to: the log that says what each promotion did, and why the others did not.

Both sides write the same log for the same basket, pack and clock, byte for byte; so it holds no time that was taken.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import ConfigDict, Field

from shared.model.strict import Code, MinorFromZero, Name, Strict

ENGINE_VERSION = 4  # goes up whenever the same basket and pack may come to another result

Role = Literal["rewarded", "full"]
Route = Literal["closed form", "search", "guard"]
Reason = Literal[
    "coupon",
    "member",
    "not_yet",
    "over",
    "day",
    "hour",
    "store",
    "channel",
    "used_by_customer",
    "used_up",
    "no_clock",
    "short",  # of quantity or amount
    "outbid",  # others gave more for its units
    "no_gain",  # it would take nothing off
    "taken",  # an earlier layer closed its units, or made them cheaper
    "exclusive",  # something that stands alone gave more, or it stands alone and gave less
]


class Read:
    """Plain values, hundreds in a scan: checked where they are read, as `Strict` is, and not where they are made."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = Strict.model_config


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Read):
    """Units of one line that an application consumed in one role."""

    line_number: int
    role: Role
    units: Annotated[int, Field(ge=1)]
    net_minor: MinorFromZero  # what each of them cost before
    discount_minor: MinorFromZero  # of all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Read):
    """What one promotion did to a basket. Parts are in order of line."""

    promotion_id: Code
    name: Name
    version: int
    family: Code
    layer: int
    times: Annotated[int, Field(ge=1)]  # sets, or units for promotions that take unit by unit
    parts: tuple[Part, ...]
    net_minor: MinorFromZero  # of all consumed units before
    discount_minor: MinorFromZero
    residue: int  # what rounding added, in ten-thousandths of a minor unit
    opened_by: Code | None = None  # the coupon or member tag that opened it

    def line_discount_minor(self, line_number: int) -> int:
        return sum(part.discount_minor for part in self.parts if part.line_number == line_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Read):
    """Why a promotion that knows something in the basket did not apply, and what it lacks."""

    promotion_id: Code
    name: Name
    reason: Reason
    line_numbers: tuple[int, ...] = ()  # where it could have done something
    missing_quantity: int = 0
    missing_minor: MinorFromZero = 0
    taken_by: tuple[Code, ...] = ()


class Evaluation(Strict):
    """The greatest discount on a basket and how it comes about. Everything is in order of layer, then of promotion."""

    engine_version: int = ENGINE_VERSION
    pack_version: Code
    at: str | None = None  # the store's local time that opened and shut the gates
    coupons: tuple[str, ...] = ()
    member_tags: tuple[str, ...] = ()
    store: Code | None = None
    channel: Code | None = None
    uses: dict[str, int] = Field(default_factory=dict)  # of promotions, by this customer
    uses_total: dict[str, int] = Field(default_factory=dict)
    route: Route = "closed form"
    proven: bool = True
    gap: MinorFromZero = 0  # ten-thousandths of a minor unit that may be missing, where it is not proven
    applications: tuple[Application, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def discount_minor(self) -> int:
        return sum(use.discount_minor for use in self.applications)

    def line_discount_minor(self, line_number: int) -> int:
        return sum(use.line_discount_minor(line_number) for use in self.applications)

    def opened_minor(self, opener: str) -> int:
        """Return what a coupon or member tag took off in all."""
        return sum(use.discount_minor for use in self.applications if use.opened_by == opener)

    def promotion_minor(self, promotion_id: str) -> int:
        """Return what a promotion took off in all."""
        return sum(use.discount_minor for use in self.applications if use.promotion_id == promotion_id)

    @property
    def savings(self) -> dict[int, list["Saving"]]:
        """What promotions took off each line, by its number; lines of which nothing came off are left out."""
        found: dict[int, list[Saving]] = {}
        for use in self.applications:
            minors: dict[int, int] = {}
            for part in use.parts:
                minors[part.line_number] = minors.get(part.line_number, 0) + part.discount_minor
            for line_number, minor in minors.items():
                if minor:
                    found.setdefault(line_number, []).append(Saving(use.promotion_id, use.name, minor))
        return found

    @property
    def digest(self) -> str:
        """The first 16 hex digits of a SHA-256 over the log: two sides that agree have the same."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class Saving(NamedTuple):
    """What one promotion took off one line."""

    promotion_id: str
    name: str
    minor: int
