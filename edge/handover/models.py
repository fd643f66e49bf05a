"""What is known of baskets that go from till to till, and what can go wrong with one."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from devices.displays.squares import squares
from shared import ids
from shared.errors import Conflict, NotFound, Unavailable
from shared.model.strict import Code, Id, Strict
from shared.protocol.handover import SPOKEN, Shown, StaleClaim

WRONG_MAX = 10  # codes that nobody has, at one lane; a thousand lanes would guess for a week to find one of a hundred
WRONG_OF_BOX_MAX = 100  # that another box may ask for: as many as its lanes may type, and more
WRONG_WITHIN_S = 600.0
NUMBERS_MAX = 1_000  # that were given out and not used
NUMBER_LASTS_S = 20.0  # from the answer to the claim on a busy day

State = Literal["waiting", "continued", "given", "given_up"]


class NothingToPark(Conflict):
    """There is nothing in the basket to go on with elsewhere."""

    hint = "Scan a product first."


class UnknownBasketCode(NotFound):
    """No basket waits under the code {code}."""

    hint = "Compare it with the screen where the basket was parked, letter by letter."


class AmbiguousBasketCode(Conflict):
    """Two tills have a basket under the code {code}."""

    hint = "Type it at the till where the basket was parked, and park it once more: it gets another code."


class TooManyWrongCodes(Unavailable):
    """Too many codes were typed here that no basket has."""

    hint = "Wait ten minutes, or go to another till; scanning and paying go on."


class BasketTillAway(Unavailable):
    """No till that answers has the basket {code}, and {names} cannot be asked."""

    hint = "Switch that till on or check its network, then type the code again. The basket waits there."


class BasketOfOtherVersion(Conflict):
    """The till {place} has the basket, and its software is of another version."""

    hint = "Go on at that till; bring both to the same version."


class ContinuedElsewhere(Conflict):
    """The basket {code} goes on at {place}."""

    hint = "Go there; if it was paid, nothing is left to be done."


class WaitedTooLong(Conflict):
    """Nobody came for the basket {code}, and it was given up."""

    hint = "Scan the products again; nothing was paid."


class ParkedView(Strict):
    """A basket that waits for another till. qr: what a scanner of that till reads, row by row, 1 for a dark square."""

    basket_id: Id
    code: Code
    total_minor: int
    currency: str
    qr: tuple[str, ...]


class ArrivedView(Strict):
    """From where a basket came. missing: names of what does not hold here."""

    code: Code
    place: str
    missing: tuple[str, ...]
    shown_minor: int  # what was to be paid there
    due_minor: int  # and here, when it came


@dataclass(frozen=True, slots=True)
class Handover:
    """What became of a code, as this box knows it.

    lane: where the basket was parked, and then where it goes on. node_id: the other box, to which it was given or from
    which it came. missing: what did not come along, by name.
    """

    code: str
    basket_id: str
    state: State
    lane: str
    node_id: str | None
    shown: Shown
    at: datetime  # since when it is in this state
    due_minor: int  # what was to be paid when it was parked or came
    missing: tuple[str, ...] = ()


def parked_view(known: Handover, currency: str) -> ParkedView:
    """Return what a screen shows of a basket that waits."""
    return ParkedView(
        basket_id=known.basket_id,
        code=known.code,
        total_minor=known.shown.due_minor,
        currency=currency,
        qr=squares(f"{SPOKEN}{known.code}"),
    )


@dataclass(slots=True)
class Desk:
    """Who asked for what, in memory: wrong codes are bounded, and a claim holds once. A restart forgets it all."""

    _wrong: dict[str, dict[str, float]] = field(default_factory=dict)  # by who asks: when each code was asked for
    _numbers: OrderedDict[str, tuple[str, str, float]] = field(default_factory=OrderedDict)

    def demand_patience(self, who: str, now_s: float, most: int = WRONG_MAX) -> None:
        """Raises TooManyWrongCodes when somebody seems to guess. who: a lane of ours, or another box."""
        codes = self._wrong.setdefault(who, {})
        for code in [code for code, at_s in codes.items() if at_s < now_s - WRONG_WITHIN_S]:
            del codes[code]
        if len(codes) >= most:
            raise TooManyWrongCodes

    def was_wrong(self, who: str, code: str, now_s: float) -> None:
        """Take note of a code that no basket has; the same one once more is no other guess."""
        self._wrong.setdefault(who, {}).setdefault(code, now_s)

    def was_right(self, who: str, code: str) -> None:
        """A code was none of a guess: its basket's box had only been away."""
        self._wrong.get(who, {}).pop(code, None)

    def number(self, node_id: str, code: str, now_s: float) -> str:
        """Return a number with which a box may claim what it found, once."""
        made = ids.new_key("once")
        self._numbers[made] = (node_id, code, now_s + NUMBER_LASTS_S)
        while len(self._numbers) > NUMBERS_MAX:
            self._numbers.popitem(last=False)
        return made

    def spend(self, number: str, node_id: str, code: str, now_s: float) -> None:
        """Raises StaleClaim unless this number was given for this, and not used yet."""
        given = self._numbers.pop(number, None)
        if given is None or given[:2] != (node_id, code) or given[2] < now_s:
            raise StaleClaim
