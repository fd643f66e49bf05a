"""Background work outlives trouble that passes, and nothing else."""

import asyncio

import pytest
from structlog.testing import capture_logs

from shared.errors import Conflict, Unavailable
from shared.workers import keep_going


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
