"""What the printer says, cut apart."""

import json
from pathlib import Path
from typing import Any

import pytest

from devices.printers.escpos_replies import AutoStatus, ProcessDone, RealTimeStatus, Replies, RequestedStatus

FRAMES = json.loads((Path(__file__).parent / "frames" / "printers" / "escpos.json").read_text())
MIXED = b"\x12" + b"\x14\x00\x00\x0f" + b"\x3722abcd\x00"[:1] + b"\x22abcd\x00" + b"\x0c" + b"\x1e"
READ = [
    RealTimeStatus(0x12),
    AutoStatus(b"\x14\x00\x00\x0f"),
    ProcessDone(b"abcd"),
    RequestedStatus(0x0C),
    RealTimeStatus(0x1E),
]


@pytest.mark.parametrize("cut", range(len(MIXED) + 1))
def test_replies_of_all_kinds_are_told_apart_however_they_arrive(cut: int) -> None:
    replies = Replies()

    replies.feed(MIXED[:cut])
    replies.feed(MIXED[cut:])

    assert replies.take() == READ
    assert replies.take() == []


def test_flow_control_bytes_are_no_replies() -> None:
    replies = Replies()

    replies.feed(b"\x13\x11\x12")

    assert replies.take() == [RealTimeStatus(0x12)]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: f"{frame['name']} {frame['hex']}")
def test_a_recorded_reply_is_what_its_source_says(frame: dict[str, Any]) -> None:
    replies = Replies()

    for byte in bytes.fromhex(frame["hex"]):
        replies.feed(bytes([byte]))

    assert [type(reply).__name__ for reply in replies.take()] == ([frame["reply"]] if frame["reply"] else [])
