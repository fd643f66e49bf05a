"""A daemon's configuration: a TOML file, overlaid with environment variables, checked whole and refused by name."""

import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.errors import Misconfigured

Settings = TypeVar("Settings", bound=BaseModel)


def build(model: type[Settings], toml: str, environment: Mapping[str, str], prefix: str) -> Settings:
    """Return validated settings.

    toml: the file's text. environment: `PREFIX_KEY` replaces `key`, `PREFIX_SECTION__KEY` replaces `section.key`;
    its values are TOML values, or plain text where they are none. Raises Misconfigured, naming every wrong key.
    """
    try:
        values = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(problem=f"the file is not valid TOML: {error}") from error
    given = {
        tuple(name.removeprefix(prefix).lower().split("__")): text
        for name, text in sorted(environment.items())
        if name.startswith(prefix)
    }
    for path, text in given.items():
        _set(values, path, _value(text))
    try:
        return _validated(model, values)
    except ValidationError as error:
        for wrong in error.errors():
            path = tuple(str(part) for part in wrong["loc"])
            if wrong["type"] == "string_type" and path in given:
                _set(values, path, given[path])  # digits that are meant as text
    try:
        return _validated(model, values)
    except ValidationError as error:
        problems = [_problem(model, wrong["loc"], wrong["type"], wrong["msg"]) for wrong in error.errors()]
        raise Misconfigured(problem="; ".join(problems)) from error


def _validated(model: type[Settings], values: dict[str, Any]) -> Settings:
    # As JSON, because strict models take arrays for tuples only there.
    return model.model_validate_json(json.dumps(values, default=str))


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _set(values: dict[str, Any], path: Sequence[Any], value: Any) -> None:
    *sections, key = path
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise Misconfigured(problem=f"{section} is set as a value and as a section")
    values[key] = value


def _problem(model: type[BaseModel], location: tuple[int | str, ...], kind: str, message: str) -> str:
    where = ".".join(str(part) for part in location)
    if kind != "extra_forbidden":
        return f"{where}: {message}"
    known = list(model.model_fields) if len(location) == 1 else []
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    return f"unknown key {where!r}" + (f", did you mean {close[0]!r}?" if close else "")
