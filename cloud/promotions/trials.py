"""Long trials: one at a time, each in a process of its own, so that orders and screens never wait for them."""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cloud.promotions.trial import TooManyTrials, Trial, TrialRequest, TrialView
from shared import ids
from shared.errors import NotFound

KEPT_MAX = 20  # for each tenant, results included
WAITING_MAX = 10  # for each tenant
LINE_BYTES_MAX = 64_000_000  # the result is one line
PROCESS = (sys.executable, "-m", "cloud.promotions.trial_process")


@dataclass(slots=True)
class _Job:
    tenant_id: str
    view: TrialView
    process: asyncio.subprocess.Process | None = None

    def now_is(self, **changes: object) -> None:
        self.view = self.view.model_copy(update=changes)

    @property
    def is_open(self) -> bool:
        return self.view.state in {"waiting", "running"}


@dataclass(slots=True)
class Trials:
    """The trials of this service. They change nothing, so nothing is lost with them when it ends."""

    jobs: list[_Job] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self, tenant_id: str, request: TrialRequest, now: datetime) -> TrialView:
        """Put a trial behind those that wait. Raises TooManyTrials."""
        own = [job for job in self.jobs if job.tenant_id == tenant_id]
        if sum(job.is_open for job in own) >= WAITING_MAX:
            raise TooManyTrials(most=WAITING_MAX)
        for job in own[: -KEPT_MAX + 1]:
            self.jobs.remove(job)
        view = TrialView(
            id=ids.new_id(), request=request, state="waiting", asked_at=now, orders_done=0, orders_total=None,
            result=None, problem=None,
        )  # fmt: skip
        self.jobs.append(_Job(tenant_id, view))
        self.asked.set()
        return view

    def of(self, tenant_id: str) -> tuple[TrialView, ...]:
        """Return a tenant's trials, the newest first, without their results."""
        own = (job.view for job in reversed(self.jobs) if job.tenant_id == tenant_id)
        return tuple(view.model_copy(update={"result": None}) for view in own)

    def trial(self, tenant_id: str, trial_id: str) -> TrialView:
        """Return one trial. Raises NotFound."""
        return self._job(tenant_id, trial_id).view

    def stop(self, tenant_id: str, trial_id: str) -> None:
        """End a trial that waits or runs; one that is done stays as it is. Raises NotFound."""
        job = self._job(tenant_id, trial_id)
        if job.is_open:
            job.now_is(state="stopped")
            if job.process is not None:
                job.process.terminate()

    def _job(self, tenant_id: str, trial_id: str) -> _Job:
        for job in self.jobs:
            if (job.tenant_id, job.view.id) == (tenant_id, trial_id):
                return job
        raise NotFound(kind="trial", trial=trial_id)


async def keep_trying(trials: Trials, folder: Path) -> None:
    """Run the trials that are asked for, one after the other, for as long as the service runs."""
    while True:
        trials.asked.clear()
        waiting = next((job for job in trials.jobs if job.view.state == "waiting"), None)
        if waiting is None:
            await trials.asked.wait()
        else:
            await _run(waiting, folder)


async def _run(job: _Job, folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *PROCESS, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES_MAX
    )
    assert process.stdin is not None
    assert process.stdout is not None
    job.process = process
    try:
        if job.is_open:  # else it was stopped while its process began
            job.now_is(state="running")
            request = job.view.request.model_dump(mode="json")
            asked = {"folder": str(folder), "tenant_id": job.tenant_id, "request": request}
            process.stdin.write(json.dumps(asked).encode())
        process.stdin.close()
        async for line in process.stdout:
            _take(job, json.loads(line))
    except BaseException:
        process.kill()  # none outlives the service
        raise
    finally:
        job.process = None
        await process.wait()
    if job.is_open:
        job.now_is(state="failed", problem="its process ended without a result")


def _take(job: _Job, told: dict[str, object]) -> None:
    """Note what a trial's process says of itself, unless it was stopped meanwhile."""
    if not job.is_open:
        return
    if "total" in told:
        job.now_is(orders_total=told["total"])
    if "done" in told:
        job.now_is(orders_done=told["done"])
    if "problem" in told:
        job.now_is(state="failed", problem=told["problem"])
    if "trial" in told:
        trial = Trial.model_validate_json(json.dumps(told["trial"]))
        job.now_is(state="done", result=trial, orders_done=trial.orders, orders_total=trial.orders)
