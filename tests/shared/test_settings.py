"""Settings are checked whole and refused by name."""

from datetime import time

import pytest
from pydantic import Field

from shared.errors import Misconfigured
from shared.model.strict import Strict
from shared.settings import build


class Listen(Strict):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)


class Device(Strict):
    name: str


class Config(Strict):
    data: str = "data"
    http: Listen = Listen()
    devices: tuple[Device, ...] = ()
    ratio: float = 1.0
    opens: time = time(9, 0)


def configured(toml: str = "", **environment: str) -> Config:
    return build(Config, toml, environment, "SHOP_")


def refused(toml: str = "", **environment: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        configured(toml, **environment)
    return str(caught.value.facts["problem"])


def test_an_empty_file_means_the_defaults() -> None:
    assert configured() == Config()


def test_a_file_says_what_differs() -> None:
    config = configured(
        'data = "here"\nopens = 08:30:00\n[http]\nport = 1\n[[devices]]\nname = "a"\n[[devices]]\nname = "b"'
    )

    expected = Config(data="here", opens=time(8, 30), http=Listen(port=1), devices=(Device(name="a"), Device(name="b")))
    assert config == expected


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("dta = 1", "unknown key 'dta', did you mean 'data'?"),
        ("zzz = 1", "unknown key 'zzz'"),
        ("[http]\nprt = 1", "unknown key 'http.prt'"),
        ("[[devices]]\nname = 'a'\n[[devices]]\nnmae = 'b'", "unknown key 'devices.1.nmae'"),
        ("[http]\nport = 70000", "http.port: "),
        ("[http]\nport = '80'", "http.port: "),
        ("[http]\nport = true", "http.port: "),
        ("ratio = nan", "ratio: "),
        ("ratio = inf", "ratio: "),
        ("data = ", "the file is not valid TOML"),
        ("data = 'a'\ndata = 'b'", "the file is not valid TOML"),
    ],
)
def test_what_is_wrong_is_refused_by_name(toml: str, problem: str) -> None:
    assert problem in refused(toml)


def test_every_wrong_key_is_named_at_once() -> None:
    problem = refused("dta = 1\n[http]\nport = -1")

    assert "'dta'" in problem
    assert "http.port" in problem


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SHOP_DATA", "there", Config(data="there")),
        ("SHOP_DATA", "C:\\shop = 1", Config(data="C:\\shop = 1")),  # no TOML value, so plain text
        ("SHOP_DATA", '"8080"', Config(data="8080")),
        ("SHOP_HTTP__PORT", "1", Config(http=Listen(port=1))),
        ("SHOP_DEVICES", '[{name = "a"}]', Config(devices=(Device(name="a"),))),
        ("SHOP_RATIO", "0.5", Config(ratio=0.5)),
        ("SHOPPING", "x", Config()),
        ("OTHER_DATA", "x", Config()),
    ],
)
def test_the_environment_replaces_single_values(name: str, value: str, expected: Config) -> None:
    assert configured(**{name: value}) == expected


def test_the_environment_stands_above_the_file_and_leaves_its_neighbours() -> None:
    config = configured("[http]\nhost = 'a'\nport = 1", SHOP_HTTP__PORT="2")

    assert config.http == Listen(host="a", port=2)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("SHOP_HTTP__PRT", "unknown key 'http.prt'"),
        ("SHOP_DATE", "unknown key 'date', did you mean 'data'?"),
        ("SHOP_DEVICES__NAME", "devices is set as a value and as a section"),
        ("SHOP_DATA__FOLDER", "data is set as a value and as a section"),
    ],
)
def test_a_variable_that_means_nothing_is_refused(name: str, problem: str) -> None:
    assert problem in refused("data = 'x'\n[[devices]]\nname = 'a'", **{name: "1"})


def test_a_problem_never_repeats_a_secret() -> None:
    assert "hunter2" not in refused(SHOP_HTTP__PORT="hunter2")
