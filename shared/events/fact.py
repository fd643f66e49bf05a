"""What each fact has in common."""

from typing import ClassVar

from shared.model.strict import Strict


class Fact(Strict):
    """Something that happened in a shop. Name and version tell a reader, years later, how to read the body."""

    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1
