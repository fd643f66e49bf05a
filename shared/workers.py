"""Keeping a daemon's background work going through trouble that passes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog

from shared.errors import Unavailable

log = structlog.get_logger()

Worker = Callable[[], Awaitable[None]]

RETRY_S = 1.0  # a full disk or a locked database is looked at again this soon


async def keep_going(name: str, work: Worker) -> None:
    """Run `work` until it returns or is cancelled; begin it anew when something it needs was away.

    Any other error is our mistake and goes through, so that the daemon ends and is seen to end.
    """
    while True:
        try:
            return await work()
        except Unavailable as error:
            log.warning("worker_waits", worker=name, error=str(error))
            await asyncio.sleep(RETRY_S)


async def happens(event: asyncio.Event, within_s: float) -> bool:
    """Wait for an event, but not for longer than `within_s`; tells whether it came.

    `asyncio.wait_for` is used nowhere: before Python 3.12 it may swallow a cancellation that arrives together with
    the event, and a daemon that is told to stop then waits for ever.
    """
    try:
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        return False
    return True


@contextmanager
def heeding_stops() -> Iterator[None]:
    """Hold calls of a library that waits by `asyncio.wait_for`: a stop that it swallowed is raised after all."""
    task = asyncio.current_task()
    assert task is not None
    asked = task.cancelling()
    try:
        yield
    finally:
        if task.cancelling() > asked:
            raise asyncio.CancelledError
