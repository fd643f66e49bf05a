"""A simulator that finds nothing proves nothing: each planted defect must be found within a few seeds."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.simulator.defects import DEFECTS, planted
from tests.simulator.faults import Fault, bad_line, full_disk, noisy_line, power_loss
from tests.simulator.scenes import older_copy_that_catches_up
from tests.simulator.template import Template
from tests.simulator.world import Play, World, played

SEEDS = 12
STEPS = 8


def only(fault: Fault) -> Play:
    """Let nothing else go wrong: what is broken shows then only, and everything else would take time."""
    return partial(World.play, steps=STEPS, faults={fault: 1})


FOUND: Mapping[str, tuple[Play, str]] = {
    "no de-duplication at intake": (only(bad_line), "head office holds"),
    "no chain at intake": (only(noisy_line), "head office holds"),
    "confirmed before the commit": (only(power_loss), "what was committed is there for good"),
    "no heads in the feed": (older_copy_that_catches_up, "all that is under way arrives"),
    "a receipt number outside its transaction": (only(full_disk), "receipt numbers have no gap and no repeat"),
    "a basket that is given and kept": (only(bad_line), "a basket goes on at one till only"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found(defect: str, morning: Template, run_folder: Path) -> None:
    play, promise = FOUND[defect]
    with planted(defect):
        violations = (played(seed, morning, run_folder, play).violation for seed in range(1, SEEDS + 1))
        found = next((violation for violation in violations if violation), "nothing")

    assert promise in found


@pytest.mark.parametrize("defect", DEFECTS)
def test_without_it_the_same_run_keeps_every_promise(defect: str, morning: Template, run_folder: Path) -> None:
    play, _ = FOUND[defect]

    assert not played(1, morning, run_folder, play).violation
