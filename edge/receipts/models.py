"""Print jobs."""

from dataclasses import dataclass
from typing import Literal

from shared.model.strict import Strict

JobKind = Literal["receipt", "drawer"]
Printing = Literal["waiting", "printed", "unknown"]


@dataclass(frozen=True, slots=True)
class Job:
    """Something for the printer to do: a receipt, or the pulse that opens the drawer."""

    id: int
    kind: JobKind
    document_id: str  # the order or refund
    is_copy: bool


class Queued(Strict):
    """A print job was taken."""

    job_id: int
