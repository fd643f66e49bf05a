"""The configuration is read whole, or refused with the name of what is wrong."""

from pathlib import Path

import pytest

from edge import config
from edge.broker.settings import Tls
from shared.errors import Misconfigured

MINIMAL = '[head_office]\nurl = "https://office.example"\n'
TERMINAL = '[[devices]]\nkind = "card_terminal"\nmake = "simulated"\nname = "{name}"\nport = 9999\n'
SCANNER = '[[devices]]\nkind = "scanner"\nmake = "serial"\nname = "{name}"\npath = "/dev/store/{name}"\n'


def read(folder: Path, text: str) -> config.Config:
    path = folder / "edge.toml"
    path.write_text(text, encoding="utf-8")
    return config.read(path)[0]


def test_little_must_be_said(tmp_path: Path) -> None:
    settings, data = config.read(written(tmp_path, MINIMAL))

    assert settings.head_office.url == "https://office.example"
    assert (settings.http.port, settings.broker.port) == (8080, 1883)
    assert data == tmp_path.resolve() / "data"
    assert settings.attendant_key is None


def test_files_of_the_broker_are_looked_for_beside_the_configuration(tmp_path: Path) -> None:
    tls = "[broker.tls]\ncertificate = 'a.crt'\nkey = '/etc/a.key'\n"

    assert read(tmp_path, MINIMAL + tls).broker.tls == Tls(certificate=str(tmp_path / "a.crt"), key="/etc/a.key")


def written(folder: Path, text: str) -> Path:
    path = folder / "edge.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_devices_are_read_with_their_lanes(tmp_path: Path) -> None:
    settings = read(tmp_path, MINIMAL + SCANNER.format(name="left") + 'lane = "counter"\n')

    [device] = settings.devices
    assert (device.kind, device.name) == ("scanner", "left")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dat = 'x'\n" + MINIMAL, ["'dat'", "did you mean 'data'"]),
        ("[htpp]\nport = 1\n" + MINIMAL, ["'htpp'", "did you mean 'http'"]),
        ("colour = 'red'\n" + MINIMAL, ["unknown key 'colour'"]),
        ("[http]\nprot = 1\n" + MINIMAL, ["unknown key 'http.prot'"]),
        ("[http]\nport = 70000\n" + MINIMAL, ["http.port"]),
        ("[http]\nport = '8080'\n" + MINIMAL, ["http.port"]),
        ("", ["head_office"]),
        ("[head_office]\nurl = 'office.example'\n", ["head_office.url"]),
        (MINIMAL + "push_every_s = 0\n", ["head_office.push_every_s"]),
        (MINIMAL + "push_every_s = nan\n", ["head_office.push_every_s"]),
        ("attendant_key = 'short'\n" + MINIMAL, ["attendant_key"]),
        ("log_level = 'loud'\n" + MINIMAL, ["log_level"]),
        ("a = 1\nb = 2\n" + MINIMAL, ["'a'", "'b'"]),
        (MINIMAL + SCANNER.format(name="left") * 2, ["two devices", "'left'"]),
        (MINIMAL + TERMINAL.format(name="left") + TERMINAL.format(name="right"), ["one terminal", "two"]),
        (MINIMAL + "[[devices]]\nkind = 'robot'\nname = 'r2'\n", ["devices.0"]),
        (MINIMAL + SCANNER.format(name="left") + "baud = 3\n", ["baud"]),
        (MINIMAL + "[broker]\nurl = 'http://10.0.0.2'\n", ["broker.url"]),
        (MINIMAL + "[broker]\nurl = 'mqtt://10.0.0.2:99999'\n", ["broker.url"]),
        (MINIMAL + "[broker.tls]\nkey = 'k.pem'\n", ["broker.tls", "go together"]),
        (MINIMAL + "[[broker.users]]\nname = 'a/#'\n", ["broker.users.0.name"]),
        (MINIMAL + "[[broker.users]]\nname = 'a'\nrole = 'king'\n", ["broker.users.0.role"]),
        (MINIMAL + "[[broker.users]]\nname = 'a'\nsecret_sha256 = 'in clear'\n", ["broker.users.0.secret_sha256"]),
        (MINIMAL + "[[broker.users]]\nname = 'a'\npromised = ['orders']\n", ["broker.users.0", "only a receiver"]),
        (MINIMAL + "[[broker.users]]\nname = 'a'\n" * 2, ["two users", "same name"]),
        ("head_office = [", ["not valid TOML"]),
        ("head_office = 1", ["head_office"]),
        ("\x00", ["not valid TOML"]),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: list[str]) -> None:
    with pytest.raises(Misconfigured) as refused:
        read(tmp_path, text)

    assert all(part in refused.value.title for part in says), refused.value.title
    assert "start again" in refused.value.hint


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", "folder"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "edge.toml"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.mkdir()

    with pytest.raises(Misconfigured) as refused:
        config.read(path)

    assert str(path) in refused.value.title


def test_the_environment_is_laid_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SHOPWRIGHT_EDGE_HTTP__PORT": "9090",
        "SHOPWRIGHT_EDGE_HTTP__HOST": "0.0.0.0",
        "SHOPWRIGHT_EDGE_HEAD_OFFICE__URL": "http://other.example",
        "SHOPWRIGHT_EDGE_ATTENDANT_KEY": "a key of enough letters",
        "SHOPWRIGHT_EDGEWISE": "not ours",
    }.items():
        monkeypatch.setenv(name, value)

    settings = read(tmp_path, MINIMAL + "[http]\nport = 1\n")

    assert (settings.http.host, settings.http.port) == ("0.0.0.0", 9090)
    assert settings.head_office.url == "http://other.example"
    assert settings.attendant_key == "a key of enough letters"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SHOPWRIGHT_EDGE_HTTP__PORT", "many", "http.port"),
        ("SHOPWRIGHT_EDGE_PORT", "1", "unknown key 'port'"),
        ("SHOPWRIGHT_EDGE_DATA__FOLDER", "x", "data is set as a value and as a section"),
    ],
)
def test_a_wrong_variable_is_refused_like_a_wrong_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(Misconfigured) as refused:
        read(tmp_path, "data = 'here'\n" + MINIMAL)

    assert says in refused.value.title
