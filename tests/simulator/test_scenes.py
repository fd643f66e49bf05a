"""Bad luck on purpose: each scene ends with everything in its place."""

from pathlib import Path

import pytest

from tests.simulator.month import offline_month
from tests.simulator.scenes import box_set_back_while_offline, older_copy_that_catches_up
from tests.simulator.template import Template
from tests.simulator.world import Play, played

ORDERS = 300  # of the 50,000 that `make simulate` lets a month offline make: those take some minutes


@pytest.mark.parametrize("scene", [older_copy_that_catches_up, box_set_back_while_offline])
def test_a_scene_ends_well(scene: Play, morning: Template, run_folder: Path) -> None:
    assert not played(1, morning, run_folder, scene).violation


def test_what_a_month_offline_sold_arrives_once(morning: Template, run_folder: Path) -> None:
    month = offline_month(1, morning, run_folder, ORDERS)

    assert not month.violation
    assert month.orders == ORDERS
