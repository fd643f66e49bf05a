"""Background work outlives trouble that passes, and nothing else."""

import asyncio
from contextlib import nullcontext

import pytest
from structlog.testing import capture_logs

from shared.errors import Conflict, Unavailable
from shared.workers import heeding_stops, keep_going


class Work:
    """Runs into one trouble after the other, then ends."""

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.begun = 0

    async def __call__(self) -> None:
        self.begun += 1
        if self.troubles:
            raise self.troubles.pop(0)


async def test_work_begins_anew_when_something_was_away() -> None:
    work = Work(Unavailable())

    with capture_logs() as logs:
        await keep_going("push", work)

    assert work.begun == 2
    assert [(entry["event"], entry["worker"]) for entry in logs] == [("worker_waits", "push")]


async def test_work_that_ends_is_not_begun_again() -> None:
    work = Work()

    await keep_going("push", work)

    assert work.begun == 1


@pytest.mark.parametrize("mistake", [RuntimeError("ours"), Conflict(), ConnectionError()])
async def test_our_own_mistake_is_seen_at_once(mistake: Exception) -> None:
    work = Work(mistake)

    with pytest.raises(type(mistake)):
        await keep_going("push", work)

    assert work.begun == 1


async def test_work_that_waits_can_be_told_to_go() -> None:
    work = Work(Unavailable(), Unavailable())
    task = asyncio.create_task(keep_going("push", work))

    await asyncio.sleep(0.01)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.begun == 1


@pytest.mark.parametrize(("is_heeded", "ends"), [(True, "stopped"), (False, "swallowed")])
async def test_a_stop_that_a_library_swallows_is_raised_after_all(*, is_heeded: bool, ends: str) -> None:
    answer = asyncio.Event()

    async def ask() -> str:
        with heeding_stops() if is_heeded else nullcontext():
            await asyncio.wait_for(answer.wait(), 10)
        return "swallowed"

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    answer.set()
    await asyncio.sleep(0)
    task.cancel()  # together with the answer
    ended = await asyncio.gather(task, return_exceptions=True)

    assert ["stopped" if isinstance(end, asyncio.CancelledError) else end for end in ended] == [ends]


async def test_a_stop_that_came_earlier_does_not_disturb_the_cleaning_up() -> None:
    steps = []

    async def work() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            with heeding_stops():
                steps.append("said goodbye")
            steps.append("closed")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert steps == ["said goodbye", "closed"]
