"""Stores, nodes, and what can go wrong on the way to becoming one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from shared.errors import Conflict, Denied
from shared.events.nodes import LeftOut
from shared.model.store import Store, StoreSettings
from shared.model.strict import BasisPoints, Code, Country, Currency, Id, Strict
from shared.model.tax import TAX_CLASSES_MAX


class UnknownCode(Denied):
    """This enrolment code is not valid."""

    hint = "Check the letters, or ask head office for a new code."


class CodeExpired(Denied):
    """This enrolment code expired at {expired_at}."""

    hint = "Ask head office for a new code."


class CodeUsed(Conflict):
    """This enrolment code was used by another box."""

    hint = "Ask head office for a new code; one code makes one node."


class CodeTaken(Conflict):
    """There is already a store with the code {code}."""

    hint = "Choose another code; it is printed on receipts."


class NameTaken(Conflict):
    """This store already has a node named {name}."""

    hint = "Choose another name."


class NodeRetired(Conflict):
    """This node was retired, and its series with it."""

    hint = "Prepare a new node with a new series; a retired one never comes back."


class StoreForgotten(Conflict):
    """Head office does not know the store of this box any more."""

    hint = "Restore a newer backup of head office. The box keeps what it has to send."


class SeriesTaken(Conflict):
    """The receipt series {series} is in use."""

    hint = "Choose another series; two nodes must never share one."


# People read it aloud and type it: capitals and digits only.
Series = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{0,15}$")]


BRANCH_MARK = "/"  # in the series of a branch; no box has one


TaxRates = Annotated[dict[Code, BasisPoints], Field(max_length=TAX_CLASSES_MAX)]


class TaxClassMissing(Conflict):
    """The tax class {tax_class} would have no rate any more."""

    hint = "Keep a rate for each class; products of a class without one could not be sold."


class StoreRequest(StoreSettings):
    """A shop to be opened. Its tax rates are the country's, unless it brings its own."""

    code: Code
    country: Country
    currency: Currency
    tax_rates_bp: TaxRates | None = None


class SettingsRequest(StoreSettings):
    """All of a shop's settings, as they shall be from now on. Without tax rates they stay as they are."""

    tax_rates_bp: TaxRates | None = None


class NodeRequest(Strict):
    """A box to be installed. Its series is the prefix of its receipt numbers."""

    name: Code
    series: Series


class NodeOfStore(Strict):
    """A node request with the store that it is for."""

    store_id: Id
    node: NodeRequest


class WaitingNode(Strict):
    """A node that waits for its box."""

    id: Id
    name: Code
    series: Code


class NewNode(WaitingNode):
    """The same, with the code that the installer types there; it is told only this once."""

    enrolment_code: str
    expires_at: AwareDatetime


class RetiredNode(Strict):
    """A node that is gone for good. Its series is never given again."""

    id: Id
    name: Code
    series: Code
    retired_at: AwareDatetime


class StoreList(Strict):
    """All stores of a tenant."""

    stores: tuple[Store, ...]


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """How a node was doing at its last contact."""

    id: str
    store_id: str
    name: str
    series: str
    is_enrolled: bool
    last_contact_at: datetime | None
    unsent: int
    oldest_unsent_at: datetime | None
    software_version: str | None
    left_out: tuple[LeftOut, ...]  # promotions that it cannot read
    feed_cursor: int | None  # None before it asked for the first time
    feed_fresh_at: datetime | None  # when it last had all that there was for it
    retired_at: datetime | None = None
    unsent_since: datetime | None = None  # when it was first heard that it keeps something, by head office's clock

    def keeps_since(self, now: datetime) -> datetime | None:
        """Return since when it keeps something for sure; None when it keeps nothing.

        What it tells goes by its own clock, which may be wrong: it counts when it is later than what was noted here,
        and no moment of the future.
        """
        noted, told = self.unsent_since, self.oldest_unsent_at
        return max(noted, told) if noted is not None and told is not None and told <= now else noted

    @property
    def is_branch(self) -> bool:
        """Whether no box is this node: it holds what one wrote after its disk was set back."""
        return BRANCH_MARK in self.series

    @property
    def receipt_series(self) -> str:
        """What its receipt numbers begin with: a branch's with the series of the box that wrote it."""
        return self.series.partition(BRANCH_MARK)[0]
