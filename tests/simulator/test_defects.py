"""A simulator that finds nothing proves nothing: each planted defect must be found within a few seeds."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.simulator.defects import DEFECTS, planted
from tests.simulator.faults import Fault, bad_line, full_disk, noisy_line, power_loss
from tests.simulator.template import Template
from tests.simulator.world import simulate

SEEDS = 12
STEPS = 8
# What is broken there shows only when this goes wrong; everything else would only take time.
FOUND: Mapping[str, tuple[Fault, str]] = {
    "no de-duplication at intake": (bad_line, "head office holds"),
    "no chain at intake": (noisy_line, "head office holds"),
    "confirmed before the commit": (power_loss, "what was committed is there for good"),
    "a receipt number outside its transaction": (full_disk, "receipt numbers have no gap and no repeat"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found(defect: str, morning: Template, run_folder: Path) -> None:
    fault, promise = FOUND[defect]
    with planted(defect):
        violations = (simulate(seed, morning, run_folder, STEPS, {fault: 1}).violation for seed in range(1, SEEDS + 1))
        found = next((violation for violation in violations if violation), "nothing")

    assert promise in found


def test_without_them_the_same_seeds_keep_every_promise(morning: Template, run_folder: Path) -> None:
    for fault, _ in FOUND.values():
        assert not simulate(1, morning, run_folder, STEPS, {fault: 1}).violation
