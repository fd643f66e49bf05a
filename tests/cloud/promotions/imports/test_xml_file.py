"""Our own XML: the same promotions as in the other formats, and nothing that XML could do to the reader."""

from collections.abc import Iterator
from typing import Any

import pytest

from cloud.promotions.imports import asc_file, csv_file, price_law, xml_file, xml_stream
from cloud.promotions.imports.staged import BadPromotionFile, Change
from tests.cloud.promotions.imports.reading import added, codes, steps

EASY = (
    '<promotion id="A" name="Tea" family="easy" reward="percent" value="10%">'
    "<target><tag>tea</tag></target></promotion>"
)


def read(*elements: str, currency: str = "EUR") -> Any:
    return xml_file.read("\n".join(["<promotions>", *elements, "</promotions>"]).encode(), currency)


def refused(content: bytes | Iterator[bytes]) -> str:
    with pytest.raises(BadPromotionFile) as raised:
        xml_file.read(content, "EUR")
    return str(raised.value.facts["problem"])


def test_groups_and_tiers_are_elements() -> None:
    lunch, ink, wine = added(
        read(
            """<promotion id="L" name="Lunch &amp; more" family="combo" reward="set_price" value="4.50" days="1-5">
                 <slot><tag>sandwich</tag><tag>wrap</tag></slot>
                 <slot qty="2" max_unit_price="3.00"><tag>drink</tag><not-sku>111</not-sku></slot>
               </promotion>""",
            """<promotion id="I" name="Ink" family="requisite_target" reward="percent" value="50%" lesser_value="yes">
                 <requisite min_amount="99.00"><brand>Acme &lt;Print&gt;</brand></requisite>
                 <rewarded qty="3"><tag>ink</tag></rewarded>
               </promotion>""",
            """<promotion id="W" name="Wine" family="basket_threshold">
                 <qualify not_discounted="yes"><tag>wine</tag></qualify>
                 <tier min_amount="50.00" reward="set_amount" value="5.00"/>
                 <tier over_amount="100.00" min_qty="6" reward="percent" value="10%"/>
               </promotion>""",
        )
    )

    assert lunch["name"] == "Lunch & more"
    assert lunch["slots"] == [
        {"select": {"tags": ["sandwich", "wrap"]}, "qty": 1},
        {"select": {"tags": ["drink"], "not_skus": ["111"], "max_unit_price": 300}, "qty": 2},
    ]
    assert ink["requisites"] == [{"select": {"brands": ["Acme <Print>"]}, "min_amount": 9900}]
    assert ink["targets"] == [{"select": {"tags": ["ink"]}, "qty": 3}]
    assert wine["qualify"] == {"tags": ["wine"], "not_discounted": True}
    assert wine["tiers"][1] == {"over_amount": 10_000, "min_qty": 6, "reward": {"kind": "percent", "value": 1000}}


def test_the_three_formats_say_the_same() -> None:
    table = (
        "id,name,family,slots,reward,value,from,hours,coupon,max_units\n"
        "L,Lunch,combo,tags=sandwich*2|skus=1,set_price,4.50,2026-11-01,11:00-14:30,C1,6\n"
    )
    records = (
        '"P",1,"L",,Lunch,combo,,,,,,,set_price,4.50,,,,,,2026-11-01,,,11:00-14:30,C1,,,,,,6,,,\n'
        '"G",1,"L",slot,1,2,,tags,sandwich\n"G",1,"L",slot,2,,,skus,1\n'
    )
    document = """<promotions><promotion id="L" name="Lunch" family="combo" reward="set_price" value="4.50"
        from="2026-11-01" hours="11:00-14:30" coupon="C1" max_units="6">
        <slot qty="2"><tag>sandwich</tag></slot><slot><sku>1</sku></slot></promotion></promotions>"""

    promotions = added(csv_file.read(table.encode(), "EUR"))
    assert promotions == added(asc_file.read(records.encode(), "EUR"))
    assert promotions == added(xml_file.read(document.encode(), "EUR"))


def test_a_modify_replaces_groups_whole_and_clears_by_name() -> None:
    [change] = read(
        '<promotion change="modify" id="A" to="2026-12-31" clear="coupon max_units tiers">'
        "<target><sku>2</sku></target></promotion>"
    ).changes

    cleared = dict.fromkeys(
        ["categories", "brands", "tags", "not_skus", "not_categories", "not_brands", "not_tags", "min_unit_price",
         "max_unit_price", "not_discounted"]
    )  # fmt: skip
    assert change == Change(2, "modify", "A", {
        "gate": {"to": "2026-12-31", "coupon": None},
        "limits": {"max_units": None},
        "tiers": None,
        "target": {"skus": ["2"], **cleared},
    })  # fmt: skip


def test_what_is_cleared_and_given_is_given() -> None:
    [change] = read(
        '<promotion change="modify" id="A" clear="slots target skus tiers"><slot><tag>a</tag></slot>'
        '<tier min_qty="1" reward="percent" value="1%"/></promotion>'
    ).changes

    assert change.values["slots"] == [{"select": {"tags": ["a"]}, "qty": 1}]
    assert change.values["target"] == {"skus": None}


def test_everything_can_be_deleted_and_then_added() -> None:
    staged = read('<promotion change="delete" id="Z"/>', EASY, "<delete-all/>", EASY)

    assert steps(staged) == [("delete", "Z"), ("add", "A"), ("delete_all", ""), ("add", "A")]


@pytest.mark.parametrize(
    ("element", "line", "code"),
    [
        ("<promotoin/>", 3, "unknown-element"),
        ('<promotion name="N"/>', 3, "bad-code"),
        (EASY, 3, "duplicate"),
        (EASY.replace('id="A"', 'id="B" change="remove"'), 3, "unknown-word"),
        (EASY.replace('id="A"', 'id="B" coupn="C"'), 3, "unknown-field"),
        (EASY.replace('id="A"', 'id="B" tags="tea"'), 3, "unknown-field"),
        (EASY.replace('"A"', '"B"').replace("10%", "1.234"), 3, "bad-percent"),
        (EASY.replace('"A"', '"B"').replace('percent" value="10%', 'amount" value="1.234'), 3, "too-many-decimals"),
        (EASY.replace('"A"', '"B"').replace('"Tea"', '"=cmd()"'), 3, "formula"),
        (EASY.replace('"A"', '"B"').replace("<tag>tea</tag>", ""), 3, "empty-list"),
        (EASY.replace('"A"', '"B"').replace("<tag>tea</tag>", "\n<tag/>"), 3, "bad-code"),
        (EASY.replace('"A"', '"B"').replace("<tag>tea</tag>", "tea"), 3, "stray-text"),
        (EASY.replace('"A"', '"B"').replace("<tag>tea</tag>", "<everything/><tag>tea</tag>"), 3, "empty-list"),
        (EASY.replace('"A"', '"B"').replace("tag>", "tags>"), 3, "unknown-field"),
        (EASY.replace('"A"', '"B"').replace("</target>", "</target>\n<target><tag>x</tag></target>"), 4, "repeated"),
        (EASY.replace('"A"', '"B"').replace("</target>", "</target><gift/>"), 3, "unknown-element"),
        (EASY.replace('"A"', '"B"').replace("</target>", "</target>free!"), 3, "stray-text"),
        ('<promotion change="modify" id="B" coupon=""/>', 3, "empty"),
        ('<promotion change="modify" id="B" clear="coupn"/>', 3, "unknown-word"),
        ('<promotion change="modify" id="B" clear="name"/>', 3, "not-clearable"),
        ('<promotion change="modify" id="B"><target><everything/></target></promotion>', 3, "widens"),
        ('<promotion change="modify" id="B"><slot min_amount="1.00"><tag>a</tag></slot></promotion>', 3, "two-sizes"),
    ],
)
def test_a_bad_element_is_named_and_the_others_are_taken(element: str, line: int, code: str) -> None:
    staged = read(EASY, element, EASY.replace('"A"', '"C"'))

    assert codes(staged) == [(line, code)]
    assert steps(staged) == [("add", "A"), ("add", "C")]


def test_an_empty_attribute_of_a_new_promotion_is_none() -> None:
    [promotion] = added(read(EASY.replace('id="A"', 'id="A" coupon="" from=" "')))

    assert "gate" not in promotion


@pytest.mark.parametrize(("name", "encoding"), [("Τσάι", "utf-8"), ("תה", "utf-16"), ("תה", "windows-1255")])
def test_a_document_says_how_its_letters_are_written(name: str, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><promotions>{EASY.replace("Tea", name)}</promotions>'

    assert added(xml_file.read(text.encode(encoding), "EUR"))[0]["name"] == name


def test_an_empty_document_changes_nothing() -> None:
    assert read() == xml_file.read(b"<promotions/>", "EUR")
    assert read().changes == ()


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE promotions [
  <!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<promotions><promotion id="&c;"/></promotions>"""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (BOMB, "line 2 has a DOCTYPE, which is not taken"),
        (b'<!DOCTYPE p SYSTEM "file:///etc/passwd"><promotions/>', "line 1 has a DOCTYPE"),
        (b'<!DOCTYPE p [<!ENTITY % x SYSTEM "http://example.test/x"> %x;]><promotions/>', "line 1 has a DOCTYPE"),
        (b"<promotions>&x;</promotions>", "line 1 is no XML (undefined entity"),
        (b"", "line 1 is no XML (no element found"),
        (b"id,name\nA,N\n", "line 1 is no XML"),
        (b"PK\x03\x04", "line 1 is no XML"),
        (b"<promotions>\n<promotion id='A'", "line 2 is no XML (unclosed token"),
        (b"<promotions>\n<promotion id='A'/>\n", "line 3 is no XML (no element found"),
        (b"<promotions/><promotions/>", "line 1 is no XML (junk after document element"),
        (b"<promotions>\xff</promotions>", "line 1 is no XML (not well-formed"),
        (b"<?xml version='1.0' encoding='klingon'?><promotions/>", "line 1 is no XML (unknown encoding"),
        (b"<?xml version='1.0' encoding='utf-7'?><promotions/>", "line 1 is no XML"),
        (b"<html/>", "line 1 has <html> and not <promotions>"),
        (b"<promotions>" + b"<a>" * 8 + b"</a>" * 8 + b"</promotions>", "line 1 has more elements in one record"),
        (b"<promotions><a>" + b"<b/>" * 50_001 + b"</a></promotions>", "line 1 has more elements in one record"),
        (
            b"<promotions><a x='" + b"x" * 10_001 + b"'/></promotions>",
            "line 1 has an element with too many or too long",
        ),
        (b"<promotions><a>" + b"x" * 10_001 + b"</a></promotions>", "line 1 has a text that is too long"),
        (b"<promotions><" + b"x" * 65 + b"/></promotions>", "line 1 has an element with too many or too long"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_no_document_of_ours_is_refused_whole(content: bytes, problem: str) -> None:
    assert refused(content).startswith(problem)


def test_records_without_end_are_refused() -> None:
    def endless(start: bytes) -> Iterator[bytes]:
        yield start
        while True:
            yield b"<a/>" * 1_000

    assert "of its lines are wrong" in refused(endless(b"<promotions>"))
    with pytest.raises(BadPromotionFile, match="one record too many"):
        price_law.read(endless(b"<Root>"))


def test_a_record_is_there_before_the_rest_has_arrived() -> None:
    def arriving() -> Iterator[bytes]:
        yield f"<promotions>{EASY}".encode()
        raise AssertionError("nobody has asked for more yet")

    [first] = [next(xml_stream.records(arriving(), {"promotions"}))]

    assert first.attributes["id"] == "A"
