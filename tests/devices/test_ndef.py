"""What is written on tags."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.card_readers import ndef
from devices.card_readers.ndef import TextRecord, UriRecord
from devices.errors import DeviceGarbled
from tests.devices.recorded import frames


@pytest.mark.parametrize("recorded", frames("card_readers", "ndef"), ids=lambda recorded: recorded["source"])
def test_a_recorded_message_is_read_or_refused(recorded: dict[str, Any]) -> None:
    message = bytes.fromhex(recorded["wire"])
    if recorded["records"] is None:
        with pytest.raises(DeviceGarbled):
            ndef.parse(message)
        return

    kinds = {"uri": UriRecord, "text": TextRecord}
    assert ndef.parse(message) == tuple(kinds[kind](*facts) for kind, *facts in recorded["records"])


@given(st.binary(max_size=300))
def test_no_bytes_at_all_do_harm(data: bytes) -> None:
    for read in (ndef.parse, ndef.message_in):
        with contextlib.suppress(DeviceGarbled):
            read(data)


texts = st.text(st.characters(codec="utf-8"), max_size=400)
languages = st.sampled_from(["en", "he", "zh-Hant"])


@given(st.lists(st.one_of(st.builds(TextRecord, texts, languages), st.builds(UriRecord, texts)), max_size=3))
def test_what_is_written_is_read(records: list[ndef.Record]) -> None:
    assert ndef.parse(ndef.render(tuple(records))) == tuple(records)


@pytest.mark.parametrize(
    ("memory", "message"),
    [
        ("0303D00000FE", "D00000"),
        ("0000" + "0103A00C34" + "0303D00000FE", "D00000"),  # null blocks, and a lock control block before it
        ("03FF0100" + "AB" * 256 + "FE", "AB" * 256),
        ("0300FE", None),
        ("FE0303D00000", None),
        ("", None),
    ],
)
def test_the_message_is_found_among_the_blocks_of_a_memory(memory: str, message: str | None) -> None:
    assert ndef.message_in(bytes.fromhex(memory)) == (bytes.fromhex(message) if message else None)


def test_a_block_beyond_the_memory_is_refused() -> None:
    with pytest.raises(DeviceGarbled):
        ndef.message_in(bytes.fromhex("0310D00000"))
