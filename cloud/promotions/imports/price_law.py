"""Promotions of Israeli chains, from the feeds that the price law of 2014 makes them publish (PromoFull, unpacked).

`price_law_terms.py` says what a promotion means. One whose meaning is not certain is no change but a problem; its code
is the reason. A PromoFull is a whole state: what it does not name has ended, and who imports it decides what that ends.
"""

from collections import Counter
from dataclasses import dataclass

from cloud.promotions.imports import xml_stream
from cloud.promotions.imports.price_law_terms import REASONS, promotion_of, uncertain
from cloud.promotions.imports.source import Content
from cloud.promotions.imports.staged import Change, Staged, Staging, Values, Wrong
from cloud.promotions.imports.xml_stream import Element


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of a feed was understood: its promotions by family, and the others by reason."""

    families: Counter[str]
    reasons: Counter[str]

    @property
    def promotions(self) -> int:
        return self.families.total() + self.reasons.total()

    def __str__(self) -> str:
        whole = max(self.promotions, 1)
        rows = [("mapped", self.families.total()), *self.families.most_common(), ("", 0), *self.reasons.most_common()]
        return "\n".join(f"{count:6} {100 * count / whole:5.1f} %  {name}" if name else "" for name, count in rows)


def shares(*feeds: Staged) -> Shares:
    """Count what became of the promotions of one feed or several; print the answer to read it."""
    families = Counter(change.values["family"] for feed in feeds for change in feed.changes)
    return Shares(families, Counter(problem.code for feed in feeds for problem in feed.problems))


def read(content: Content) -> Staged:
    """Read a PromoFull document: one change or one problem for each promotion. Amounts are shekels.

    Raises BadPromotionFile when it is no such document.
    """
    staging = Staging()
    found: dict[str, list[tuple[int, Values | Wrong]]] = {}
    for element in xml_stream.records(content, {"Root"}, {"Promotions"}):
        if element.tag == "Promotion":  # others are about the chain and the store
            found.setdefault(element.value("PromotionId") or "", []).append((element.line, _meaning(element)))
    for promotion_id, readings in found.items():
        for line, meaning in readings:
            if isinstance(meaning, Wrong):
                staging.report(line, promotion_id, "", meaning)
            elif len(readings) > 1:
                staging.report(line, promotion_id, "", uncertain("duplicate"))
            else:
                staging.add(Change(line, "add", promotion_id, meaning))
    return staging.done("utf-8")


def _meaning(element: Element) -> Values | Wrong:
    try:
        return promotion_of(element)
    except Wrong as wrong:
        return wrong if wrong.code in REASONS else uncertain("unreadable", wrong.message)
