"""`shopwright-cloud`: run head office's service, and try promotions on past orders."""

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from shared.errors import ShopwrightError

cli = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@cli.callback()
def commands() -> None:
    """Head office of Shopwright."""


ConfigFile = Annotated[Path, typer.Option("--config", help="The service's configuration (TOML).")]


@cli.command()
def run(config: ConfigFile) -> None:
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


promotions = typer.Typer(no_args_is_help=True)


@promotions.callback()
def about_promotions() -> None:
    """Promotions, before they go to the stores."""


@promotions.command("try")
def try_pack(
    pack: Annotated[str, typer.Argument(help="A JSON file of promotions, or the version of a published pack.")],
    config: ConfigFile,
    orders: Annotated[int, typer.Option(min=1, max=1_000_000, help="On the last so many orders.")] = 10_000,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="On orders from this day on.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Whose orders, by id; the only one's without.")] = None,
    dates: Annotated[bool, typer.Option("--dates", help="Let the promotions' first and last days count.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Write JSON instead of tables.")] = False,
) -> None:
    """What past orders would have cost with other promotions. Nothing is changed."""
    from cloud import config as configuration
    from cloud.database import picture
    from cloud.promotions import trying
    from cloud.tenants import service as tenants

    _, folder = configuration.read(config)
    with picture(folder) as tx:
        tenant_id = tenants.chosen(tx, tenant).id
        wanted = trying.pack_named(tx, tenant_id, pack)
        day = since.date() if since else None
        trial = trying.replay(tx, tenant_id, wanted.promotions, limit=orders, since=day, dates=dates)
    print(trial.model_dump_json(indent=2) if json else trying.readable(trial))


def main() -> None:
    """Run a command; what the person can mend is told in two lines, not as a traceback."""
    os.umask(0o077)  # keys and orders are nobody else's
    cli.add_typer(promotions, name="promotions")
    try:
        cli()
    except ShopwrightError as error:
        print(f"{error.title}\n{error.hint}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
