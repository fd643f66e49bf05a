"""What the terminal shows: a live table for people, plain lines for logs."""

from rich.console import Console
from rich.table import Table

from edge.demo.tally import Paper, Tally


def table(tally: Tally, paper: Paper, line: str, seconds: float) -> Table:
    """Return the present figures."""
    shown = Table(title=f"A store, {seconds:.0f} s after opening", title_justify="left", min_width=56)
    shown.add_column("In the store")
    shown.add_column("", justify="right")
    shown.add_column("At head office")
    shown.add_column("", justify="right")
    bad = "bold red"
    rows = [
        ("Scans", tally.scans, "Line", line),
        ("Baskets", tally.baskets, "Orders", tally.cloud_order_count),
        ("Orders", len(tally.orders), "Missing", _marked(len(tally.overdue), bad)),
        ("Receipts printed", paper.printed, "Duplicated", _marked(tally.duplicated(), bad)),
        ("Refunds", len(tally.refunds), "Quarantined", _marked(tally.quarantined, bad)),
        ("Unsent entries", tally.unsent, "", ""),
    ]
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    return shown


def _marked(count: int, style: str) -> str:
    return f"[{style}]{count}[/]" if count else "0"


def plain(console: Console, tally: Tally, paper: Paper, line: str, seconds: float) -> None:
    """Print the figures as one line."""
    console.print(
        f"{seconds:5.0f} s  line {line}  scans {tally.scans}  baskets {tally.baskets}  orders {len(tally.orders)}"
        f"  receipts {paper.printed}  unsent {tally.unsent}  at head office {tally.cloud_order_count}",
        highlight=False,
    )
