"""The configuration is a file overlaid with the environment, and what is wrong in it is named."""

from pathlib import Path

import pytest

from cloud.config import Config, read
from shared.errors import Misconfigured


def write(folder: Path, toml: str) -> Path:
    path = folder / "cloud.toml"
    path.write_text(toml)
    return path


def test_an_empty_file_is_a_service_on_this_machine(tmp_path: Path) -> None:
    config, folder = read(write(tmp_path, ""))

    assert (config.http.host, config.http.port) == ("127.0.0.1", 8090)
    assert config == Config()
    assert folder == tmp_path / "data"


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("prot = 1", "unknown key 'prot'"),
        ("secure_cookie = true", "unknown key 'secure_cookie', did you mean 'secure_cookies'?"),
        ("[http]\nprot = 1", "unknown key 'http.prot'"),
        ("[http]\nport = 70000", "http.port"),
        ('[http]\nport = "8090"', "http.port"),
        ('operator_key = "short"', "operator_key"),
        ('log_level = "loud"', "log_level"),
        ("enrolment_code_hours = 0", "enrolment_code_hours"),
        ("secure_cookies = 1", "secure_cookies"),
        ("data =", "not valid TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, toml: str, named: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read(write(tmp_path, toml))

    assert named in refused.value.title


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as refused:
        read(write(tmp_path, 'colour = "red"\nlog_level = "loud"'))

    assert "colour" in refused.value.title
    assert "log_level" in refused.value.title


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "cloud.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Misconfigured, match=r"cloud\.toml cannot be read"):
        read(path)


def test_the_environment_stands_above_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPWRIGHT_CLOUD_HTTP__PORT", "9000")
    monkeypatch.setenv("SHOPWRIGHT_CLOUD_SECURE_COOKIES", "true")
    monkeypatch.setenv("SHOPWRIGHT_CLOUD_OPERATOR_KEY", "a plain text of some length")
    monkeypatch.setenv("SHOPWRIGHT_CLOUD_DATA", "elsewhere")
    monkeypatch.setenv("SHOPWRIGHT_EDGE_COLOUR", "not for this service")

    config, folder = read(write(tmp_path, '[http]\nhost = "0.0.0.0"\nport = 1\n'))

    assert (config.http.host, config.http.port) == ("0.0.0.0", 9000)
    assert config.secure_cookies
    assert config.operator_key == "a plain text of some length"
    assert folder == tmp_path / "elsewhere"


def test_an_unknown_key_in_the_environment_is_named_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPWRIGHT_CLOUD_COLOUR", "red")

    with pytest.raises(Misconfigured, match="unknown key 'colour'"):
        read(write(tmp_path, ""))
