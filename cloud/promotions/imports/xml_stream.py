"""An XML file's records, one at a time, without what makes XML dangerous.

A DOCTYPE is refused before anything in it is read: no entities, no bombs, nothing fetched. Depth, sizes and numbers are
bounded, and a record that was read is forgotten, so that memory depends on one record and not on the file.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from cloud.promotions.imports import source
from cloud.promotions.imports.source import Content
from cloud.promotions.imports.staged import BadPromotionFile

DEPTH_MAX = 8  # the feeds of the law need six
ELEMENTS_MAX = 50_000  # in one record: ten thousand products of four elements
RECORDS_MAX = 50_000  # more than changes and problems together
ATTRIBUTES_MAX = 64
TEXT_CHARACTERS_MAX = 10_000  # of one attribute, or between two tags
NAME_CHARACTERS_MAX = 64
TOKEN_BYTES_MAX = 1_000_000  # of one tag or comment; the parser reads an unfinished one again with each piece


@dataclass(slots=True)
class Element:
    """A record, or a part of one. `text` is what stands in it directly, without blanks around it."""

    tag: str
    line: int
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def value(self, tag: str) -> str | None:
        """Return the text of the only child with this tag; None when it is missing, empty or repeated."""
        found = [child.text for child in self.children if child.tag == tag]
        return found[0] or None if len(found) == 1 else None


def records(content: Content, roots: Collection[str], lists: Collection[str] = ()) -> Iterator[Element]:
    """Yield every element that stands directly in the root or in a list, as soon as it is whole.

    lists: tags of elements directly in the root that only hold records. Raises BadPromotionFile where the file stops
    being what it should be; the records before were yielded then.
    """
    handler = _Handler(roots, lists)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    handler.parser = parser
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.characters
    parser.StartDoctypeDeclHandler = handler.doctype
    fed = 0
    try:
        for piece in source.pieces(content):
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > TOKEN_BYTES_MAX:
                handler.refuse("a tag or comment that is too long")
            yield from handler.take()
        parser.Parse(b"", True)
        yield from handler.take()
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an encoding that nobody knows
        raise BadPromotionFile(problem=f"line {parser.CurrentLineNumber} is no XML ({error})") from error


@dataclass(slots=True)
class _Handler:
    """Builds one record after the other from the parser's calls."""

    roots: Collection[str]
    lists: Collection[str]
    parser: expat.XMLParserType = field(init=False)
    outer: list[str] = field(default_factory=list)  # the root, and the list in it
    open: list[Element] = field(default_factory=list)  # the record and its parts down to here
    elements: int = 0  # of the record
    records: int = 0
    done: list[Element] = field(default_factory=list)

    def take(self) -> list[Element]:
        found, self.done = self.done, []
        return found

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        longest = max(map(len, attributes.values()), default=0)
        if len(attributes) > ATTRIBUTES_MAX or longest > TEXT_CHARACTERS_MAX or len(tag) > NAME_CHARACTERS_MAX:
            self.refuse("an element with too many or too long attributes")
        if not self.outer and tag not in self.roots:
            self.refuse(f"<{tag}> and not <{'> or <'.join(sorted(self.roots))}>")
        if not self.open and (not self.outer or (len(self.outer) == 1 and tag in self.lists)):
            self.outer.append(tag)
            return
        element = Element(tag, self.parser.CurrentLineNumber, attributes)
        if self.open:
            self.open[-1].children.append(element)
        self.open.append(element)
        self.elements += 1
        if len(self.outer) + len(self.open) > DEPTH_MAX or self.elements > ELEMENTS_MAX:
            self.refuse("more elements in one record than any promotion has")

    def end(self, tag: str) -> None:
        if not self.open:
            self.outer.pop()
            return
        element = self.open.pop()
        element.text = element.text.strip()
        if not self.open:
            self.done.append(element)
            self.elements = 0
            self.records += 1
            if self.records > RECORDS_MAX:
                self.refuse("one record too many")

    def characters(self, text: str) -> None:
        if self.open:
            element = self.open[-1]
            element.text = (element.text + text).lstrip()
            if len(element.text) > TEXT_CHARACTERS_MAX:
                self.refuse("a text that is too long")

    def doctype(self, *_: object) -> None:
        self.refuse("a DOCTYPE, which is not taken")

    def refuse(self, what: str) -> None:
        raise BadPromotionFile(problem=f"line {self.parser.CurrentLineNumber} has {what}")
