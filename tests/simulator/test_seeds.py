"""Three stores and head office through bad minutes, 200 times: nothing is lost, nothing is doubled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulator.template import Template
from tests.simulator.world import simulate

SEEDS, AT_ONCE = 200, 20  # `make simulate` runs 10,000, three times as long
STEPS = 4


@pytest.mark.parametrize("first", range(1, SEEDS + 1, AT_ONCE))
def test_every_promise_is_kept_whatever_goes_wrong(first: int, morning: Template, run_folder: Path) -> None:
    for seed in range(first, first + AT_ONCE):
        result = simulate(seed, morning, run_folder, STEPS)

        assert not result.violation, "\n".join((*result.trace, f"seed {seed}", result.violation))


def test_one_seed_repeats_a_run_exactly(morning: Template, run_folder: Path) -> None:
    runs = [simulate(seed, morning, run_folder, STEPS) for seed in (7, 7, 8)]

    assert runs[0].digest == runs[1].digest
    assert runs[0].trace == runs[1].trace
    assert runs[0].digest != runs[2].digest


def test_another_process_repeats_it_too(morning: Template, run_folder: Path) -> None:
    """Its hashes of texts, and so the order of its sets, are others."""
    here = simulate(11, morning, run_folder, STEPS)
    command = (sys.executable, "-m", "tests.simulator", "--seed", "11", "--steps", str(STEPS), "--digest")
    there = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "1"}, capture_output=True, text=True, check=True
    )

    assert there.stdout.splitlines()[-1] == here.digest
