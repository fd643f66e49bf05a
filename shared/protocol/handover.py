"""Between the boxes of one store: a basket that goes on at another box, by the code under which it waits.

Two steps. A box asks the others for a code; the one that has the basket says so, and gives a number that is good once.
With that number the basket is claimed: from then on it is the claimer's, and only the claimer is told its content, as
often as it asks. Every word is signed by the node that says it and names the node that it is for, so what is forged,
changed, or said once more by somebody who listened changes nothing and learns nothing.
"""

import hashlib
import re
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, StringConstraints

from shared.errors import Denied
from shared.ids import READABLE
from shared.model.basket import LINES_MAX, BasketLine
from shared.model.special import NO_SPECIALS, Specials
from shared.model.strict import Code, Count, Currency, Id, Minor, MinorFromZero, Moment, Name, Tolerant
from shared.protocol.neighbours import Signature, sign, verify

FORM = 1  # how a basket is written; a box takes over only baskets whose form it knows
CODE_LENGTH = 6  # 28 bits: few wait at a time, and who guesses is stopped after some attempts
SPOKEN = "SHOPWRIGHT"  # begins a code that is scanned; no barcode of a product does
PACK_BYTES_MAX = 20_000_000  # 10,000 promotions have some 5 MB
BASKET_BYTES_MAX = 20_000_000  # 500 lines have some 300 kB; one that did not fit would be given and never arrive

BasketCode = Annotated[str, StringConstraints(pattern=f"^[{READABLE}]{{{CODE_LENGTH}}}$")]
Nonce = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,100}$")]

_SCANNED = re.compile(rf"(?:\][A-Za-z][0-9])?{SPOKEN}([{READABLE}]{{{CODE_LENGTH}}})", re.IGNORECASE)
_TYPED = re.compile(rf"[{READABLE}]{{{CODE_LENGTH}}}")


class StaleClaim(Denied):
    """This claim was made before, or too late."""

    hint = "Ask for the code again; who really has the basket gets it as often as it asks."


class AppliedThere(Tolerant):
    """A promotion, coupon or discount that took something off, as the shopper was shown."""

    name: Name
    opened_by: Code | None = None  # the coupon or member tag
    minor: MinorFromZero


class Shown(Tolerant):
    """What a shopper saw of a basket when it was parked."""

    due_minor: Minor
    applied: tuple[AppliedThere, ...] = ()


class Carried(Tolerant):
    """A basket on its way: all that it needs to be the same one elsewhere, with the prices that were shown."""

    id: Id
    version: Count
    currency: Currency
    opened_at: Moment
    pack_version: Code | None
    lines: Annotated[tuple[BasketLine, ...], Field(max_length=LINES_MAX)]
    specials: Specials = NO_SPECIALS
    shown: Shown


class Lookup(Tolerant):
    """A box asks another one whether a basket waits there under a code."""

    by: Id
    to: Id
    code: BasketCode
    signature: Signature


class Found(Tolerant):
    """What became of a code.

    continued: in a lane of the box that answers. given: to another box, the holder. nonce: claims the basket, once.
    """

    by: Id
    to: Id
    code: BasketCode
    state: Literal["unknown", "waiting", "given", "continued", "given_up"]
    form: int = FORM
    holder: Id | None = None
    nonce: Nonce | None = None
    pack_version: Code | None = None
    signature: Signature


class Claim(Tolerant):
    """A box takes a basket over. with_pack: it does not have the promotions that the basket was begun with."""

    by: Id
    to: Id
    code: BasketCode
    nonce: Nonce
    with_pack: bool
    signature: Signature


class Handed(Tolerant):
    """A basket, handed over: JSON of what is carried, and of its promotions where they were asked for."""

    by: Id
    to: Id
    code: BasketCode
    basket: Annotated[str, StringConstraints(max_length=BASKET_BYTES_MAX)]
    pack: Annotated[str, StringConstraints(max_length=PACK_BYTES_MAX)] | None
    signature: Signature


def scanned(text: str) -> str | None:
    """Return the code in what a scanner read off a screen; None where it is something else."""
    found = _SCANNED.fullmatch(text.strip())
    return found[1].upper() if found else None


def typed(text: str) -> str | None:
    """Return the code that somebody typed, however they grouped it, or scanned; None where it cannot be one."""
    code = "".join(text.split()).replace("-", "").upper()
    return code if _TYPED.fullmatch(code) else scanned(text)


def make_lookup(key: Ed25519PrivateKey, by: str, to: str, code: str) -> Lookup:
    return Lookup(by=by, to=to, code=code, signature=sign(key, _text("lookup", by, to, code)))


def verify_lookup(lookup: Lookup, public_key: str) -> None:
    """Raises NotANeighbour unless the node that it names said it."""
    verify(public_key, _text("lookup", lookup.by, lookup.to, lookup.code), lookup.signature)


def make_found(
    key: Ed25519PrivateKey,
    asked: Lookup,
    state: Literal["unknown", "waiting", "given", "continued", "given_up"],
    *,
    holder: str | None = None,
    nonce: str | None = None,
    pack_version: str | None = None,
) -> Found:
    """Answer a lookup."""
    told = (state, str(FORM), holder or "", nonce or "", pack_version or "")
    return Found(
        by=asked.to,
        to=asked.by,
        code=asked.code,
        state=state,
        holder=holder,
        nonce=nonce,
        pack_version=pack_version,
        signature=sign(key, _text("found", asked.to, asked.by, asked.code, *told)),
    )


def verify_found(found: Found, public_key: str) -> None:
    """Raises NotANeighbour unless the node that it names said it."""
    told = (found.state, str(found.form), found.holder or "", found.nonce or "", found.pack_version or "")
    verify(public_key, _text("found", found.by, found.to, found.code, *told), found.signature)


def make_claim(key: Ed25519PrivateKey, found: Found, *, with_pack: bool) -> Claim:
    """Claim a basket that was found."""
    assert found.nonce is not None
    by, to, code = found.to, found.by, found.code
    signature = sign(key, _text("claim", by, to, code, found.nonce, str(with_pack)))
    return Claim(by=by, to=to, code=code, nonce=found.nonce, with_pack=with_pack, signature=signature)


def verify_claim(claim: Claim, public_key: str) -> None:
    """Raises NotANeighbour unless the node that it names said it."""
    text = _text("claim", claim.by, claim.to, claim.code, claim.nonce, str(claim.with_pack))
    verify(public_key, text, claim.signature)


def make_handed(key: Ed25519PrivateKey, claim: Claim, basket: str, pack: str | None) -> Handed:
    """Hand a basket over to who claims it. The claim's number is signed, so an old answer is none to a new claim."""
    by, to, code = claim.to, claim.by, claim.code
    signature = sign(key, _text("handed", by, to, code, claim.nonce, _digest(basket), _digest(pack or "")))
    return Handed(by=by, to=to, code=code, basket=basket, pack=pack, signature=signature)


def verify_handed(handed: Handed, claim: Claim, public_key: str) -> None:
    """Raises NotANeighbour unless the node that was asked says exactly this about this claim."""
    told = (claim.nonce, _digest(handed.basket), _digest(handed.pack or ""))
    verify(public_key, _text("handed", claim.to, claim.by, claim.code, *told), handed.signature)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(kind: str, *facts: str) -> bytes:
    """Return what is signed: no fact has a line break, so no two messages have the same text."""
    return "\n".join((f"shopwright basket {kind} 1", *facts)).encode()
