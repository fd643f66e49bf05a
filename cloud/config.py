"""The service's configuration, and the only place that reads the environment."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from shared import settings
from shared.errors import Misconfigured
from shared.model.strict import Strict

PREFIX = "SHOPWRIGHT_CLOUD_"


class Listen(Strict):
    """Where head office is reached."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8090  # 0: any free one


class Config(Strict):
    """Everything that may be set. Paths are relative to the configuration file."""

    data: str = "data"
    http: Listen = Listen()
    # Who knows it may create tenants. Made at the first start and kept in the data folder when it is not set.
    operator_key: Annotated[str, StringConstraints(min_length=16, max_length=200)] | None = None
    # A box that was not heard of for so long loses what it was leased and has not spent; others may use it then.
    silent_box_days: Annotated[int, Field(ge=1, le=365)] = 14
    # So long nothing is heard of a box, or it keeps an entry, before there is an alarm.
    silent_alarm_minutes: Annotated[int, Field(ge=1, le=10_000)] = 30
    unsent_alarm_minutes: Annotated[int, Field(ge=1, le=10_000)] = 60
    enrolment_code_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 72
    secure_cookies: bool = False  # true behind HTTPS: the browser then never sends the session over plain HTTP
    log_level: Annotated[str, StringConstraints(pattern="^(debug|info|warning|error)$")] = "info"


def read(path: Path) -> tuple[Config, Path]:
    """Read the file and the environment. Returns the configuration and the data folder. Raises Misconfigured."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(problem=f"{path} cannot be read: {error}") from error
    config = settings.build(Config, text, os.environ, PREFIX)
    return config, (path.parent / config.data).resolve()
