"""The first packet, whatever is in it."""

from hypothesis import given
from hypothesis import strategies as st

from edge.broker.connect import Connect, Refusal, Will, parse, render
from edge.broker.soundness import body_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
CONNECTS = st.builds(
    Connect,
    client_id=TEXTS,
    user=st.none() | TEXTS,
    keep_alive_s=st.integers(0, 65535),
    will=st.none() | st.builds(Will, TEXTS, st.binary(max_size=200), st.integers(0, 2)),
)


@given(CONNECTS)
def test_what_is_rendered_reads_the_same(connect: Connect) -> None:
    assert parse(body_of(render(connect))) == connect


@given(CONNECTS, st.data())
def test_a_connect_that_is_cut_short_is_refused(connect: Connect, data: st.DataObject) -> None:
    whole = body_of(render(connect))
    end = data.draw(st.integers(0, len(whole) - 1))

    assert isinstance(parse(whole[:end]), Refusal)


@given(st.binary(max_size=100))
def test_no_bytes_are_too_strange(packet: bytes) -> None:
    assert isinstance(parse(memoryview(packet)), Refusal | Connect)
