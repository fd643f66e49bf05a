"""What a run found: a table for people, a file for the next release."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

TICK, MISS, NO_GOAL = "✓ met", "✗ MISSED", "–"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of ours beside its peer or limit. Each list holds one value for each round, in `unit`."""

    name: str
    unit: str
    ours: list[float]
    beside_name: str
    beside: list[float]
    goal: float | None = None  # the greatest ratio that will do

    @property
    def ratios(self) -> list[float]:
        return [ours / beside for ours, beside in zip(self.ours, self.beside, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: both halves of each were measured side by side."""
        return median(self.ratios)

    @property
    def is_met(self) -> bool:
        return self.goal is None or self.ratio <= self.goal


def table(rows: Sequence[Row]) -> str:
    """Return the rows as text with aligned columns."""
    head = ("", "ours", "beside it", "", "ratio", "rounds", "goal", "")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    left = {0, 3, 7}  # names and verdicts; numbers stand to the right
    return "\n".join(
        "  ".join(
            text.ljust(width) if column in left else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        _figure(median(row.ours), row.unit),
        _figure(median(row.beside), row.unit),
        row.beside_name,
        f"{row.ratio:.2f}",
        f"{min(row.ratios):.2f}–{max(row.ratios):.2f}",
        f"≤ {row.goal:g}" if row.goal is not None else NO_GOAL,
        "" if row.goal is None else TICK if row.is_met else MISS,
    )


def _figure(value: float, unit: str) -> str:
    digits = 2 if unit == "ms" and value < 100 else 0
    return f"{value:.{digits}f} {unit}"


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write all rounds of all rows as JSON."""
    document = {
        "version": version("shopwright"),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "rows": [
            asdict(row)
            | {
                "ours": [round(value, 4) for value in row.ours],
                "beside": [round(value, 4) for value in row.beside],
                "ratio": round(row.ratio, 3),
                "is_met": row.is_met,
            }
            for row in rows
        ],
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
