"""What the printer says, cut apart."""

import pytest

from devices.printers.escpos_replies import AutoStatus, ProcessDone, RealTimeStatus, Replies, RequestedStatus

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
