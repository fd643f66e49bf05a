"""Coupon codes: written, read and proven without asking anybody.

A code of a batch is the campaign's text, a serial of five characters and a proof of six: the first 30 bits of an
HMAC-SHA256 under the campaign's key. People type codes, so capitals and small letters, blanks, dashes and look-alikes
(O and 0, I, L and 1) are the same; the characters are Crockford's base32.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from shared.errors import NotFound
from shared.model.special import Campaign

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})
SERIAL_LENGTH, PROOF_LENGTH = 5, 6
BITS = 5  # of one character
DIGEST_LENGTH = 32  # hex digits
MISTYPED_BY = 2  # characters too many or too few that are still taken for a slip of the finger


class UnknownCoupon(NotFound):
    """We do not know the coupon {text}."""

    hint = "Check the code on the coupon; it may be one of another shop."


class MistypedCoupon(NotFound):
    """This code of {name} was not typed or read correctly."""

    hint = "Compare it with the coupon, character by character."


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code that was recognised. digest: names a code of a batch without telling it; None for a shared one."""

    campaign: Campaign
    digest: str | None


def folded(text: str) -> str:
    """Return a code as it is compared."""
    return text.upper().translate(LOOK_ALIKES)


def written(campaign: Campaign, serial: int) -> str:
    """Return the code of a batch with this serial, as it is printed on a coupon."""
    assert campaign.size is not None
    assert 1 <= serial <= campaign.size
    number = _base32(serial - 1, SERIAL_LENGTH)
    return f"{campaign.text.upper()}-{number}-{_proof(campaign, number)}"


def recognise(text: str, campaigns: Iterable[Campaign]) -> Coupon:
    """Return what a typed or scanned code is. Raises UnknownCoupon, MistypedCoupon."""
    code = folded(text.strip())
    near: Campaign | None = None
    for campaign in campaigns:
        start = folded(campaign.text)
        if campaign.kind == "shared":
            if code == start:
                return Coupon(campaign, None)
        elif code.startswith(start):
            rest = code[len(start) :]
            if _is_proven(campaign, rest):
                return Coupon(campaign, digest(campaign, rest))
            if abs(len(rest) - SERIAL_LENGTH - PROOF_LENGTH) <= MISTYPED_BY:
                near = campaign
    if near is not None:
        raise MistypedCoupon(kind="coupon", name=near.name)
    raise UnknownCoupon(kind="coupon", text=text[:40])


def digest(campaign: Campaign, rest: str) -> str:
    """Return the name of a code; rest: what stands behind the campaign's text, folded."""
    return hashlib.sha256(f"{campaign.id} {rest}".encode()).hexdigest()[:DIGEST_LENGTH]


def _is_proven(campaign: Campaign, rest: str) -> bool:
    number, proof = rest[:SERIAL_LENGTH], rest[SERIAL_LENGTH:]
    if len(rest) != SERIAL_LENGTH + PROOF_LENGTH or not set(rest) <= set(ALPHABET):
        return False
    serial = 0
    for character in number:
        serial = serial << BITS | ALPHABET.index(character)
    return serial < (campaign.size or 0) and hmac.compare_digest(proof, _proof(campaign, number))


def _proof(campaign: Campaign, number: str) -> str:
    mac = hmac.digest(campaign.key.encode(), f"{campaign.id} {number}".encode(), "sha256")
    return _base32(int.from_bytes(mac, "big") >> (8 * len(mac) - BITS * PROOF_LENGTH), PROOF_LENGTH)


def _base32(value: int, length: int) -> str:
    return "".join(ALPHABET[value >> BITS * place & 31] for place in reversed(range(length)))
