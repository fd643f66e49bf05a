"""However large or broken a file is, reading it ends soon, and only ever with a list or one error."""

import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.promotions.imports import asc_file, cells, csv_file, price_law, source, xml_file, xml_stream
from cloud.promotions.imports.source import Content
from cloud.promotions.imports.staged import CHANGES_MAX, PROBLEMS_MAX, BadPromotionFile, Staged

READERS: dict[str, Callable[[Content], Staged]] = {
    "csv": lambda content: csv_file.read(content, "EUR"),
    "asc": lambda content: asc_file.read(content, "EUR"),
    "xml": lambda content: xml_file.read(content, "EUR"),
    "price law": price_law.read,
}
HEADER = b"id,name,family,tags,reward,value\n"
each_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


@each_reader
def test_a_gigabyte_without_an_end_is_not_even_fetched(read: Callable[[Content], Staged]) -> None:
    fetched = 0

    def gigabyte() -> Iterator[bytes]:
        nonlocal fetched
        yield b"<promotions>" if read is READERS["xml"] else b"<Root>" if read is READERS["price law"] else HEADER
        for _ in range(1_000):
            fetched += 1
            yield b" " * 1_000_000

    with pytest.raises(BadPromotionFile, match="larger than 64 MB"):
        read(gigabyte())

    assert fetched <= source.FILE_BYTES_MAX // 1_000_000 + 1


def test_a_long_line_is_left_out_and_the_next_one_is_read() -> None:
    long = b"A," + b"x" * cells.LINE_CHARACTERS_MAX + b",easy,t,percent,5%\n"
    staged = csv_file.read([HEADER, long, b"B,N,easy,t,percent,5%\n"], "EUR")

    assert [problem.code for problem in staged.problems] == ["line-too-long"]
    assert [change.promotion_id for change in staged.changes] == ["B"]


def test_quotes_that_never_close_take_no_time() -> None:
    line = b'"' * (cells.LINE_CHARACTERS_MAX - 1) + b"\n"
    staged = csv_file.read([HEADER, *[line] * 20], "EUR")

    assert {problem.code for problem in staged.problems} <= {"open-quote", "cut-off"}


@pytest.mark.parametrize("begun", [b"<promotion id='", b"<!--", b"<", b"<?", b"<promotion "])
def test_a_tag_that_never_ends_takes_no_time(begun: bytes) -> None:
    """The parser reads an unfinished tag again with each piece: 16 MB took 4 s, and 64 MB would take a minute."""
    fetched = 0

    def endless() -> Iterator[bytes]:
        nonlocal fetched
        yield b"<promotions>" + begun
        while True:
            fetched += 1
            yield b"x" * 65_536

    with pytest.raises(BadPromotionFile, match="too long"):
        xml_file.read(endless(), "EUR")

    assert fetched <= 1 + xml_stream.TOKEN_BYTES_MAX // 65_536


def test_a_file_takes_little_more_memory_than_its_text() -> None:
    content = HEADER + b"x" * 30_000_000
    tracemalloc.start()
    csv_file.read(content, "EUR")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 4 * len(content)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_line_ends_as_any_system_ends_it(end: str) -> None:
    lines = [(row.line, row.cells) for row in cells.rows(f"a,b{end}{end}c{end}d\u2028e\x85f", ",")]

    assert lines == [(1, ("a", "b")), (3, ("c",)), (4, ("d\u2028e\x85f",))]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (b"".join(b"%d,N,easy,t,percent,5%%\n" % number for number in range(CHANGES_MAX + 1)), "changes more than"),
        (b"x\n" * (PROBLEMS_MAX + 1), "of its lines are wrong"),
        (b"\n" * (cells.LINES_MAX + 1), "lines"),
    ],
    ids=["changes", "problems", "empty lines"],
)
def test_a_file_without_end_is_refused(lines: bytes, problem: str) -> None:
    with pytest.raises(BadPromotionFile, match=problem):
        csv_file.read(HEADER + lines, "EUR")


def test_promotions_that_wait_for_their_groups_are_counted_too() -> None:
    record = b",".join([b'"P",1,%d', *[b""] * 30]) + b"\n"

    with pytest.raises(BadPromotionFile, match="changes more than"):
        asc_file.read(b"".join(record % number for number in range(CHANGES_MAX + 1)), "EUR")


def test_one_promotion_wrong_in_every_record_is_told_a_hundred_times_at_most() -> None:
    staged = asc_file.read(b'"P",3,A' + b"," * 30 + b"\n" + b'"G",1,A,target,,,,tags,x\n' * 5_000, "EUR")

    assert 0 < len(staged.problems) <= 100
    assert staged.changes == ()


# Pieces of what the formats are made of, so that chance gets past the first character.
PIECES = st.sampled_from(
    [*'",;|&*=>:-.%\n\r\t<>/\\\'', '""', "id", "change", "modify", "delete_all", "99", "P", "G", "T", "1", "0", "12.50",
     "easy", "combo", "slots", "tiers", "percent", "10%", "2026-11-30", "target", "<promotions>", "</promotions>",
     "<Root>", "<promotion id='A'", "<target>", "<Promotions>", "<Promotion>", "</Promotion>", "&amp;",
     "\x00", "\ufeff", "ש\"ח",
     "Τ", "\u202e", "\ud7ff", "=cmd()"]
)  # fmt: skip
STARTS = {
    "csv": "change,id,name,family,skus,reward,value,slots,tiers,from\n",
    "asc": '"P",1,"A"' + "," * 30 + "\n",
    "xml": "<promotions>",
    "price law": "<Root><Promotions><Promotion>",
}


@each_reader
@given(text=st.lists(PIECES, max_size=60).map("".join), raw=st.binary(max_size=40), is_begun=st.booleans())
def test_no_content_makes_a_reader_fail(
    read: Callable[[Content], Staged], text: str, raw: bytes, is_begun: bool
) -> None:
    name = next(name for name, reader in READERS.items() if reader is read)
    content = (STARTS[name] if is_begun else "").encode() + text.encode() + raw

    by_byte = [content[index : index + 1] for index in range(len(content))]

    assert outcome(read, content) == outcome(read, by_byte)


def outcome(read: Callable[[Content], Staged], content: Content) -> Staged | None:
    """Return what was read; None for the one error that there may be, whose words depend on where pieces end."""
    try:
        return read(content)
    except BadPromotionFile as refused:
        problem = refused.facts["problem"]
    assert problem
    return None
