"""A node proves who it is for five minutes at a time, and to head office only."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.protocol.token import ALGORITHM, AUDIENCE, LIFETIME_S, SKEW_S, TOKEN_BYTES_MAX, BadToken, claimed_node
from shared.protocol.token import issue as issue_token
from shared.protocol.token import verify as verify_token
from tests.builders import NODE_ID, NOW, an_id

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw()
NOW_S = int(NOW.timestamp())
HEADER = {"alg": ALGORITHM, "kid": NODE_ID}
CLAIMS = {"sub": NODE_ID, "aud": AUDIENCE, "iat": NOW_S, "exp": NOW_S + LIFETIME_S}


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header: object = HEADER, claims: object = CLAIMS, key: Ed25519PrivateKey = KEY) -> str:
    """Write a token by hand, truly signed."""
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(key.sign(signed.encode()))}"


def refusal(token: str, after_s: int = 0) -> str:
    with pytest.raises(BadToken) as caught:
        verify_token(token, PUBLIC, NOW + timedelta(seconds=after_s))
    return str(caught.value.facts["problem"])


def test_a_node_is_known_by_the_token_it_issued() -> None:
    token = issue_token(KEY, NODE_ID, NOW)

    assert claimed_node(token) == NODE_ID
    assert verify_token(token, PUBLIC, NOW) == NODE_ID
    assert len(token) < TOKEN_BYTES_MAX / 2


def test_a_token_written_by_hand_is_as_good_which_shows_that_the_refusals_below_mean_something() -> None:
    assert verify_token(forged(), PUBLIC, NOW) == NODE_ID


@pytest.mark.parametrize("after_s", [-SKEW_S, 0, LIFETIME_S, LIFETIME_S + SKEW_S])
def test_a_token_is_good_for_five_minutes_and_a_minute_of_wrong_clocks(after_s: int) -> None:
    token = issue_token(KEY, NODE_ID, NOW.replace(microsecond=0))

    assert verify_token(token, PUBLIC, NOW + timedelta(seconds=after_s)) == NODE_ID


@pytest.mark.parametrize("after_s", [-SKEW_S - 1, LIFETIME_S + SKEW_S + 1, 86_400])
def test_a_token_of_another_time_is_refused(after_s: int) -> None:
    assert "dates" in refusal(issue_token(KEY, NODE_ID, NOW), after_s)


def test_no_token_gives_itself_a_longer_life() -> None:
    assert "dates" in refusal(forged(claims={**CLAIMS, "exp": NOW_S + 10**6}), LIFETIME_S + SKEW_S + 1)


def test_another_nodes_key_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))

    assert "signature" in refusal(issue_token(other, NODE_ID, NOW))


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({**CLAIMS, "aud": "another-office"}, "another purpose"),
        ({**CLAIMS, "aud": [AUDIENCE]}, "another purpose"),
        ({**CLAIMS, "sub": an_id(9)}, "another purpose"),
        ({**CLAIMS, "iat": None}, "dates"),
        ({**CLAIMS, "exp": "tomorrow"}, "dates"),
        ({**CLAIMS, "exp": 1e12}, "dates"),
        ({**CLAIMS, "iat": 10**30}, "dates"),
        ({}, "another purpose"),
        ([1], "signature"),
        (b"not json", "signature"),
        (b"\xff", "signature"),
    ],
)
def test_wrong_claims_are_refused(claims: object, problem: str) -> None:
    assert problem in refusal(forged(claims=claims))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": NODE_ID},
        {"alg": "HS256", "kid": NODE_ID},
        {"alg": "EdDSA", "kid": NODE_ID},
        {"kid": NODE_ID},
        {"alg": None, "kid": NODE_ID},
        {"alg": [ALGORITHM], "kid": NODE_ID},
        {**HEADER, "crit": ["exp"]},
        {"alg": ALGORITHM},  # no kid: whose?
        [],
    ],
)
def test_no_header_talks_the_check_away(header: object) -> None:
    refusal(forged(header))


def test_a_token_without_signature_is_refused() -> None:
    refusal(f"{part({'alg': 'none', 'kid': NODE_ID})}.{part(CLAIMS)}.")
    refusal(f"{part(HEADER)}.{part(CLAIMS)}.")


@given(st.integers(0, 64 * 8 - 1))
def test_any_bit_of_the_signature_counts(bit: int) -> None:
    signed, _, signature = forged().rpartition(".")
    flipped = bytearray(base64.urlsafe_b64decode(signature + "=="))
    flipped[bit // 8] ^= 1 << bit % 8

    assert "signature" in refusal(f"{signed}.{part(bytes(flipped))}")


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "....",
        "é.é.é",
        "\ud800",
        forged({"alg": ALGORITHM}),
        forged([1]),
        forged(5),
        forged(None),
    ],
)
def test_a_claim_that_cannot_be_read_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        claimed_node(token)


def test_a_token_that_is_too_long_is_not_even_read() -> None:
    with pytest.raises(BadToken) as caught:
        claimed_node(forged(claims={**CLAIMS, "more": "x" * TOKEN_BYTES_MAX}))

    assert caught.value.facts == {"problem": "it is too long"}


@given(st.text(max_size=200), st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=3))
def test_no_text_breaks_the_reading(text: str, fields: dict[str, Any]) -> None:
    for token in (text, forged({**HEADER, **fields}), forged(claims={**CLAIMS, **fields})):
        for read in (claimed_node, lambda token: verify_token(token, PUBLIC, NOW)):
            try:
                assert isinstance(read(token), str)
            except BadToken:
                continue
