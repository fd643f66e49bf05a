"""What this box can do, and what of it while head office is away: each feature declares its own."""

from collections.abc import Iterable
from typing import Literal

from shared import messages
from shared.model.store import Language
from shared.model.strict import Strict

# works: as ever. limited: within bounds that the text tells. later: it is kept and done when the line is back.
# not: it needs head office.
Offline = Literal["works", "limited", "later", "not"]


class Capability(Strict):
    """One thing that people do with this box. Its words are `can.<key>` and, for the reason, `can.<key>_why`."""

    key: str
    offline: Offline


def markdown(capabilities: Iterable[Capability], language: Language = "en") -> str:
    """Return the table as a document."""

    def words(key: str) -> str:
        return messages.text(language, key)

    rows = [
        f"| {words(f'can.{one.key}')} | {words(f'offline.{one.offline}')} | {words(f'can.{one.key}_why')} |"
        for one in capabilities
    ]
    head = f"| {words('offline.what')} | {words('offline.away')} | {words('offline.why')} |"
    return "\n".join([f"# {words('offline.title')}", "", words("offline.intro"), "", head, "|---|---|---|", *rows, ""])
