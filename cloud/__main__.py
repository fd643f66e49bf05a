"""`shopwright-cloud`: run head office's service."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from shared.errors import ShopwrightError

cli = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@cli.callback()
def commands() -> None:
    """Head office of Shopwright."""


@cli.command()
def run(config: Annotated[Path, typer.Option("--config", help="The service's configuration (TOML).")]) -> None:
    """Run the service until it is stopped."""
    from cloud import app
    from cloud import config as configuration
    from shared import logs
    from shared.clock import SystemClock

    settings, folder = configuration.read(config)
    logs.configure(settings.log_level)
    asyncio.run(
        app.run(settings, folder, SystemClock(), lambda url: print(f"Head office at {url}/office/", flush=True))
    )


def main() -> None:
    """Run a command; what the person can mend is told in two lines, not as a traceback."""
    os.umask(0o077)  # keys and orders are nobody else's
    try:
        cli()
    except ShopwrightError as error:
        print(f"{error.title}\n{error.hint}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
