"""`shopwright-edge`: run the daemon of a store, enrol a box, or try a whole store in a box."""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from shared.errors import ShopwrightError

cli = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

ConfigFile = Annotated[Path, typer.Option("--config", help="The box's configuration (TOML).")]


@cli.command()
def run(config: ConfigFile) -> None:
    """Run this box's daemon until it is stopped."""
    from edge import app
    from edge import config as configuration
    from shared import logs
    from shared.clock import SystemClock

    settings, folder = configuration.read(config)
    logs.configure(settings.log_level)
    asyncio.run(app.run(settings, folder, SystemClock(), lambda url: print(f"Selling at {url}/kiosk/", flush=True)))


@cli.command()
def enrol(code: Annotated[str, typer.Argument(help="The one-time code from head office.")], config: ConfigFile) -> None:
    """Make this box a node of a store."""
    from edge import app
    from edge import config as configuration
    from edge.sync.enrol import enrol as enrol_box
    from shared.clock import SystemClock

    async def enrol_once() -> str:
        settings, folder = configuration.read(config)
        async with app.open_database(folder) as db:
            enrolled = await enrol_box(db, settings.head_office.url, code, SystemClock())
        return f"This box is now node {enrolled.node_name}; its receipts are numbered {enrolled.series}-000001 and on."

    print(asyncio.run(enrol_once()))


@cli.command("broker-user")
def broker_user(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits, - and _.")],
    role: Annotated[str, typer.Option(help="listener, receiver, device or service.")] = "listener",
) -> None:
    """Make a secret for somebody who connects to the store's broker; only its hash goes into the configuration."""
    from pydantic import ValidationError

    from edge.broker.settings import BrokerUser
    from edge.broker.users import issue

    secret, kept = issue()
    try:
        user = BrokerUser.model_validate({"name": name, "role": role, "secret_sha256": kept})
    except ValidationError as error:
        raise typer.BadParameter("; ".join(f"{wrong['loc'][0]}: {wrong['msg']}" for wrong in error.errors())) from error
    print(f"The secret, told only this once: {secret}\n")
    print(f'[[broker.users]]\nname = "{user.name}"\nrole = "{user.role}"\nsecret_sha256 = "{kept}"')


@cli.command()
def demo(
    orders: Annotated[int | None, typer.Option(min=1, help="Stop shopping after so many orders.")] = None,
    seed: Annotated[int, typer.Option(help="Which shoppers come, and in what mood.")] = 1,
    outage: Annotated[
        str, typer.Option(help="A:B cuts the line to head office from second A to second B; 0:0 never.")
    ] = "20:35",
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file.")] = None,
    exits: Annotated[bool, typer.Option("--exit", help="Shop as fast as it goes, and end.")] = False,
) -> None:
    """A whole store in a box: head office, a kiosk, simulated hardware, real baskets, a line that is cut."""
    from edge.demo import run as store
    from shared import logs
    from shared.clock import SystemClock

    logs.configure("warning")
    if exits and orders is None:
        raise typer.BadParameter("--exit needs --orders N, or there is no end")
    if json is not None and not json.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {json.parent} to write the figures to")
    plan = store.Plan(orders, seed, _span(outage), json, exits)
    if not asyncio.run(store.run(plan, SystemClock())):
        raise typer.Exit(1)


@cli.command()
def offline() -> None:
    """Print the table of what works while head office is away, as in docs/offline.md."""
    from edge.app import CAPABILITIES
    from edge.capability import markdown

    print(markdown(CAPABILITIES), end="")


JsonIn = Annotated[bool, typer.Option("--json-in", help="Each line is a JSON string.")]


@cli.command()
def barcode(
    country: Annotated[str | None, typer.Option(help="Read scale labels as this country (DE) proposes.")] = None,
    rules: Annotated[Path | None, typer.Option(help="Read scale labels by this table (JSON).")] = None,
    fnc1: Annotated[str | None, typer.Option(help="What stands for FNC1 in the texts, such as ^.")] = None,
    json_in: JsonIn = False,
) -> None:
    """Say what scanned texts mean: one text a line from standard input, one JSON object a line to standard output."""
    from edge.text_lines import texts
    from shared.barcodes import Numbering, decode, report, rules_file
    from shared.clock import SystemClock

    if fnc1 and fnc1.isalnum():
        raise typer.BadParameter("--fnc1 is a sign that values do not hold, such as ^ or <GS>")
    numbering = Numbering()
    if rules is not None:
        numbering = rules_file.read(_content(rules), country)
    elif country is not None:
        numbering = rules_file.of_country(country)
    year = SystemClock().now().year
    for text, problem in texts(_standard_input(), as_json=json_in):
        if problem is None:
            answer = report.answer(text, decode(text, numbering, fnc1=fnc1), year)
        else:
            answer = report.refusal(text, problem)
        _print_line(answer)


@cli.command()
def epc(json_in: JsonIn = False) -> None:
    """Say what RFID tags hold: hexadecimal digits, one tag a line, and one JSON object a line to standard output."""
    from edge.text_lines import texts
    from shared.epc import Tag, decode_memory, report

    for text, problem in texts(_standard_input(), as_json=json_in):
        _print_line(report.answer(text, Tag(problem) if problem else decode_memory(text)))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:  # a folder, a file that is not there
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error


def _standard_input() -> BinaryIO:
    if sys.stdin is None:  # closed by whoever started us
        raise typer.BadParameter("there is no standard input to read texts from")
    return sys.stdin.buffer


def _print_line(answer: Mapping[str, object]) -> None:
    """Print one JSON object and send it off: whoever reads waits for it."""
    import json

    try:
        print(json.dumps(answer), flush=True)  # ASCII: a terminal may not know every letter
    except BrokenPipeError:
        raise  # whoever read has seen enough; typer ends quietly
    except OSError as error:  # a full disk
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python writes the rest once more, in vain
        print(f"The answers cannot be written: {error.strerror}.", file=sys.stderr)
        raise typer.Exit(1) from error


promotions = typer.Typer(help="Promotions: try them on worked examples.", no_args_is_help=True)


@promotions.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help='One case, or {"cases": […]}; - reads standard input.')],
) -> None:
    """Find the greatest discount of each case: one JSON object a line. A bad case is told; the others are evaluated."""
    from shared.errors import Invalid
    from shared.promotions import cases

    content = sys.stdin.buffer.read() if str(file) == "-" else _content(file)
    failed = False
    for case in cases.read(content):
        try:
            answer = cases.evaluate(case)
        except Invalid as error:
            failed = True
            answer = {"id": case.get("id"), "error": error.title, "hint": error.hint}
            print(f"{case.get('id', '?')}: {error.title}\n{error.hint}", file=sys.stderr)
        _print_line(answer)
    if failed:
        raise typer.Exit(2)


devices = typer.Typer(help="Devices: what is plugged in, how it is doing, and trying it out.", no_args_is_help=False)
DeviceName = Annotated[str, typer.Argument(help="The device's name in the configuration.")]


@devices.callback(invoke_without_command=True)
def show_devices(context: typer.Context, config: ConfigFile) -> None:
    """Tell which devices are bound and how they are doing, and what is plugged in besides."""
    from edge import config as configuration
    from edge.hardware import command

    context.obj = configuration.read(config)[0]
    if context.invoked_subcommand is None:
        command.show(context.obj, print)


@devices.command("test")
def test_device(context: typer.Context, name: DeviceName) -> None:
    """Try a device out: print a page, wait for a scan, open the drawer, read the scale."""
    from edge.hardware import command

    asyncio.run(command.test(context.obj, name, print))


@devices.command("record")
def record_device(
    context: typer.Context,
    name: DeviceName,
    file: Annotated[Path, typer.Argument(help="Where to keep the recording (a new file).")],
    source: Annotated[str, typer.Option(help="What it is a recording of: model, firmware, settings.")],
) -> None:
    """Keep what a device says, byte for byte, as a fixture for tests. Stop the daemon first."""
    from edge.hardware import command

    with suppress(KeyboardInterrupt):
        asyncio.run(command.record(context.obj, name, file, source, print))


journal = typer.Typer(help="The journal: what happened at this box, verified and exported.", no_args_is_help=True)


@journal.command("verify")
def verify_journal(
    config: Annotated[Path | None, typer.Option("--config", help="The box's configuration (TOML).")] = None,
    file: Annotated[Path | None, typer.Argument(help="An exported journal; without it, the one of this box.")] = None,
) -> None:
    """Check every entry, the chain that binds them and the node's signature."""
    from edge import config as configuration
    from edge.archive import command

    if file is not None:
        if not file.is_file():
            raise typer.BadParameter(f"there is no file {file}")
        command.verify_file(file, print)
    elif config is not None:
        from edge import app

        settings, folder = configuration.read(config)
        asyncio.run(command.verify_box(settings, folder, app.open_database, print))
    else:
        raise typer.BadParameter("name an exported file, or the box's --config")


@journal.command("export")
def export_journal(
    file: Annotated[Path, typer.Argument(help="Where to keep the journal (a new file).")], config: ConfigFile
) -> None:
    """Write the journal to a file that anyone can verify."""
    from edge import app
    from edge import config as configuration
    from edge.archive import command

    settings, folder = configuration.read(config)
    asyncio.run(command.export(settings, folder, file, app.open_database, print))


def _span(text: str) -> tuple[float, float]:
    try:
        begin_s, end_s = (float(part) for part in text.split(":"))
    except ValueError:
        begin_s, end_s = 1.0, 0.0
    if not 0 <= begin_s <= end_s < float("inf"):
        raise typer.BadParameter("two numbers of seconds such as 20:35, the first not behind the second")
    return begin_s, end_s


def main() -> None:
    """Run a command; what the person can mend is told in two lines, not as a traceback."""
    os.umask(0o077)  # keys and orders are nobody else's
    cli.add_typer(promotions, name="promotions")
    cli.add_typer(devices, name="devices")
    cli.add_typer(journal, name="journal")
    try:
        cli()
    except ShopwrightError as error:
        print(f"{error.title}\n{error.hint}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
