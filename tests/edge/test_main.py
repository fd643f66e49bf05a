"""The command line: what a person can mend is told in two lines and exit code 2, never as a traceback."""

import asyncio
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cloud import app as cloud_app
from edge import app as edge_app
from edge.broker.users import hashed
from edge.demo.daemons import running
from edge.fleet import service as fleet
from shared.clock import SystemClock
from tests.edge.small_shop import NODE
from tests.world import STORE, cloud_config, set_up

CONFIG = '[http]\nport = 0\n[broker]\nport = 0\n[head_office]\nurl = "{url}"\n'


def write_config(folder: Path, url: str = "http://127.0.0.1:9", before: str = "") -> Path:
    path = folder / "edge.toml"
    path.write_text(before + CONFIG.format(url=url))
    return path


async def edge(*words: str | Path) -> tuple[int, str, list[str]]:
    """Run a command. Returns exit code, output and the lines on standard error."""
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "edge", *words],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    return ran.returncode, ran.stdout, ran.stderr.splitlines()


async def enrolled(folder: Path) -> None:
    async with edge_app.open_database(folder / "data") as db:
        await db.transact(fleet.key_for_enrolment)
        await db.transact(fleet.enrol, NODE)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        ("[head_office", "not valid TOML"),
        ("prot = 1\n" + CONFIG.format(url="http://127.0.0.1:9"), "unknown key 'prot'"),
    ],
)
async def test_a_configuration_that_does_not_work_is_told(tmp_path: Path, content: str | None, says: str) -> None:
    path = tmp_path / "edge.toml"
    if content is not None:
        path.write_text(content)

    code, output, errors = await edge("run", "--config", path)

    assert (code, output, len(errors)) == (2, "", 2)
    assert says in errors[0]
    assert errors[1] == "Correct the configuration and start again."


async def test_a_box_of_no_store_says_how_to_enrol_it(tmp_path: Path) -> None:
    code, _, errors = await edge("run", "--config", write_config(tmp_path))

    assert (code, len(errors)) == (2, 2)
    assert "does not belong to a store yet" in errors[0]
    assert "shopwright-edge enrol" in errors[1]


async def test_a_second_daemon_on_the_same_data_is_told_where_the_first_is(tmp_path: Path) -> None:
    await enrolled(tmp_path)
    config = write_config(tmp_path)
    async with running("edge", config, tmp_path / "log") as first:
        code, _, errors = await edge("run", "--config", config)
        first_goes_on = first.returncode is None

    assert (code, len(errors)) == (2, 2)
    assert str(tmp_path) in errors[0]
    assert "data folder of its own" in errors[1]
    assert first_goes_on


async def test_a_damaged_journal_stops_the_daemon_before_it_sells(tmp_path: Path) -> None:
    await enrolled(tmp_path)
    config = write_config(tmp_path)
    async with running("edge", config, tmp_path / "log"):
        pass
    async with edge_app.open_database(tmp_path / "data") as db:
        await db.transact(lambda tx: tx.execute("update journal set entry = x'00' where seq = 1"))

    code, output, errors = await edge("run", "--config", config)

    assert (code, output, len(errors)) == (2, "", 2)
    assert "damaged at entry 1" in errors[0]


async def test_a_data_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sales.db").write_bytes(os.urandom(10_000))

    code, _, errors = await edge("run", "--config", write_config(tmp_path))

    assert (code, len(errors)) == (2, 2)
    assert "Call support" in errors[1]


async def test_a_daemon_that_is_told_to_stop_ends_well(tmp_path: Path) -> None:
    await enrolled(tmp_path)
    async with running("edge", write_config(tmp_path), tmp_path / "log") as process:
        pass

    assert process.returncode == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


async def test_enrolling_tells_the_new_name_and_a_refusal_tells_why(tmp_path: Path) -> None:
    async with (
        aiohttp.ClientSession() as http,
        cloud_app.open_for_business(cloud_config(), tmp_path / "cloud", SystemClock()) as (office, url),
    ):
        _, code = await set_up(http, url, office.operator_key, STORE)
        config = write_config(tmp_path, url)
        refused, _, why = await edge("enrol", "--config", config, "AAAA-BBBB-CCCC")
        good = await edge("enrol", "--config", config, f" {code.lower()} ")

    assert (refused, len(why)) == (2, 2)
    assert "This enrolment code is not valid" in why[0]
    assert good == (0, "This box is now node kiosk; its receipts are numbered T1K1-000001 and on.\n", [])


CASE: dict[str, Any] = {
    "id": "three",
    "lines": [{"id": "L1", "sku": "bag", "unit_price": 450, "qty": 3}],
    "promotions": [
        {"id": "P1", "family": "line_special", "n": 3, "m": 1, "reward": {"kind": "percent", "value": 10000}}
    ],
}


async def test_a_case_is_evaluated_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE))

    code, said, _ = await edge("promotions", "evaluate", path)

    answer = json.loads(said)
    assert code == 0
    assert (answer["id"], answer["discount"], answer["total"], answer["lines"]) == ("three", 450, 900, {"L1": 450})
    assert answer["proven"]
    assert [use["promotion_id"] for use in answer["applications"]] == ["P1"]


async def test_a_bad_case_is_named_and_the_others_are_evaluated(tmp_path: Path) -> None:
    bad = {**CASE, "id": "bad", "promotions": [{**CASE["promotions"][0], "colour": "red"}]}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": [bad, CASE]}))

    code, said, problems = await edge("promotions", "evaluate", path)

    first, second = map(json.loads, said.splitlines())
    assert code == 2
    assert "colour" in first["error"]
    assert second["discount"] == 450
    assert problems[0].startswith("bad: ")


@pytest.mark.parametrize("content", ["", "[1]", "nonsense", '{"cases": 3}'])
async def test_a_file_that_holds_no_cases_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "case.json"
    path.write_text(content)

    code, said, problems = await edge("promotions", "evaluate", path)

    assert (code, said) == (2, "")
    assert len(problems) == 2


async def test_a_user_of_the_broker_is_made_with_a_secret_that_fits_its_entry() -> None:
    code, said, _ = await edge("broker-user", "exit-gate", "--role", "receiver")
    secret = said.splitlines()[0].rpartition(" ")[2]
    (user,) = tomllib.loads(said.partition("\n\n")[2])["broker"]["users"]

    assert code == 0
    assert user == {"name": "exit-gate", "role": "receiver", "secret_sha256": hashed(secret.encode())}


@pytest.mark.parametrize("words", [["a/b"], ["gate", "--role", "king"]])
async def test_a_user_of_the_broker_that_cannot_be_is_refused(words: list[str]) -> None:
    code, said, errors = await edge("broker-user", *words)

    assert (code, said) == (2, "")
    assert errors
