"""Virtual time: an event loop whose clock jumps to the next timer as soon as nothing else is to do.

Nothing in it depends on threads, sockets or the machine: work for other threads runs on the loop itself, a seeded
moment later. So one seed is one run.
"""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from selectors import SelectSelector
from typing import Any

BEGIN = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
WORK_S = (0.0, 0.002)  # how long a transaction or other work of a thread takes
RESOLUTION_S = 1e-6


class Stuck(AssertionError):
    """Everybody waits for something that nobody will do."""


class _Jumping(SelectSelector):
    """Waits by moving the clock."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Stuck
        self.now_s += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. `now_s` seconds have passed since the run began."""

    def __init__(self, chance: random.Random) -> None:
        self._jumping = _Jumping()
        self._chance = chance
        super().__init__(self._jumping)
        self._clock_resolution = RESOLUTION_S

    def time(self) -> float:
        return self._jumping.now_s

    def _write_to_self(self) -> None:
        """Nobody on another thread waits to be heard."""

    def soon(self, work: Callable[[], object]) -> None:
        """Do something as late as a busy thread would have done it."""
        self.call_later(self._chance.uniform(*WORK_S), work)

    def run_in_executor(self, executor: Any, function: Callable[..., Any], *args: Any) -> Any:
        """Run the function here, a moment later."""
        future = self.create_future()

        def work() -> None:
            try:
                result, problem = function(*args), None
            except Exception as error:  # handed to the caller, whose function it was
                result, problem = None, error
            if future.cancelled():
                return  # a thread would have done it all the same
            if problem is not None:
                future.set_exception(problem)
            else:
                future.set_result(result)

        self.soon(work)
        return future


def run(main: Callable[[], Any], chance: random.Random) -> Any:
    """Run a coroutine function in virtual time and return its result."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(chance)) as runner:
        return runner.run(main())


class MachineClock:
    """The clock of one machine: it may be off, drift, and be set to another time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, off_s: float = 0.0, drift: float = 0.0) -> None:
        """drift: seconds that it gains each second."""
        self._loop = loop
        self.off_s = off_s
        self.drift = drift

    def now(self) -> datetime:
        passed_s = self._loop.time()
        return BEGIN + timedelta(seconds=passed_s + passed_s * self.drift + self.off_s)

    def monotonic_s(self) -> float:
        return self._loop.time() * (1.0 + self.drift)


class SeededSource:
    """Ids and keys of one machine, by its own clock."""

    def __init__(self, chance: random.Random, clock: MachineClock) -> None:
        self._chance = chance
        self._clock = clock

    def time_ns(self) -> int:
        return int(self._clock.now().timestamp() * 1_000_000) * 1_000

    def randbits(self, bits: int) -> int:
        return self._chance.getrandbits(bits)
