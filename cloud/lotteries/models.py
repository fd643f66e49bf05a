"""Lotteries and their codes as head office writes and lists them."""

from typing import Literal

from pydantic import ConfigDict

from shared.errors import Invalid
from shared.model.special import CampaignId, LotteryTerms
from shared.model.strict import Strict

CODE_LENGTH_MAX = 64
CODES_BYTES_MAX = 65_000_000  # a million codes
REJECTED_SHOWN_MAX = 1_000  # codes listed; all are counted


class BadCodes(Invalid):
    """The file is no list of codes: {problem}"""

    hint = "Send UTF-8 text with one code in each line; a first line `code` is passed over."


class LotteryRequest(LotteryTerms):
    """The terms of a lottery."""

    model_config = ConfigDict(extra="forbid")


class LotteryView(Strict):
    """A lottery and its codes: free here, leased to boxes, drawn by orders, void since their order came back."""

    id: CampaignId
    state: Literal["active", "ended"]
    terms: LotteryRequest
    free: int
    leased: int
    drawn: int
    void: int
    is_low: bool  # less than a block is left: import more


class LotteryList(Strict):
    """All lotteries; a business has some few."""

    lotteries: tuple[LotteryView, ...]


class RejectedCode(Strict):
    """A code that was left out."""

    number: int  # in the file, without its heading
    problem: str


class CodesReport(Strict):
    """What became of an imported block of codes."""

    taken: int
    rejected: int
    rejected_codes: tuple[RejectedCode, ...]
