"""A damaged operator key opens nothing."""

from pathlib import Path

import pytest

from cloud import app
from cloud.config import Config
from shared.clock import SystemClock
from shared.errors import Misconfigured


async def test_an_operator_key_that_was_half_written_opens_head_office_to_nobody(tmp_path: Path) -> None:
    (tmp_path / app.OPERATOR_KEY_FILE).write_text("")

    with pytest.raises(Misconfigured):
        async with app.open_head_office(Config(), tmp_path, SystemClock()):
            pass
