"""Checking closings and summing up open days, beside the writing thread: reading in pieces, then one short write."""

import asyncio
from dataclasses import dataclass, field

import structlog

from cloud.days import audit as audits
from cloud.days import proof, service
from cloud.days.audit import Audit
from cloud.days.models import Finding, Verdict
from cloud.days.service import Due
from cloud.head_office import PROJECTED, HeadOffice
from shared.errors import Unavailable
from shared.workers import happens

log = structlog.get_logger()

LOOK_EVERY_S = 5.0  # should an announcement ever be missed
PAUSE_S = 0.5  # open days are summed up at most so often, however much arrives
# Of one round. Both go on behind the node that was served last, so that nobody waits for those who are always busy.
DUE_AT_ONCE, NODES_AT_ONCE = 20, 20
AUDITS_MAX = 2_000  # kept in memory, so that a closing finds its day summed up already


@dataclass(slots=True)
class Books:
    """The audits of open days, each read up to where its node is; losing them costs only reading again."""

    head_office: HeadOffice
    kept: dict[str, Audit] = field(default_factory=dict)  # by node
    checked: str = ""  # the node whose closing was checked last
    followed: str = ""  # the node whose open day was summed up last

    async def go_round(self) -> bool:
        """Check some closings, then sum up some open days; tells whether there may be more of either."""
        is_checked = await self._check_some()
        is_followed = await self._follow_some()
        return not (is_checked and is_followed)

    async def _check_some(self) -> bool:
        """Check the next closings; tells whether these were all."""
        due, self.checked = await self.head_office.db.read(service.due, self.checked, DUE_AT_ONCE)
        for each in due:
            await self._check(each)
        for tenant_id in {tenant_id for tenant_id, _ in due}:
            self.head_office.tenant_changed(tenant_id)
        return len(due) < DUE_AT_ONCE

    async def _check(self, due: Due) -> None:
        db, clock = self.head_office.db, self.head_office.clock
        check = await db.read(service.check, due)
        audit = self._begun(check.audit, check.until)
        try:
            await self._read(audit, check.until)
            verdict = proof.verdict_of(check.closing, check.previous, audit, check.links)
        except Unavailable:
            raise
        except Exception:  # whatever one closing does, it must not hold up the others
            log.exception("closing_not_checked", closing=check.closing.id)
            failed = Finding(kind="not_summed", first=str(check.closing.number))
            verdict = Verdict(state="differs", findings=(failed,))
        await db.write(service.keep_verdict, check, verdict, audit, clock.now())

    async def _follow_some(self) -> bool:
        """Sum up the next open days to where their nodes are now; tells whether these were all."""
        followed = await self.head_office.db.read(service.behind, self.followed, NODES_AT_ONCE)
        read = []
        for follow in followed:
            audit = self._begun(follow.audit, follow.until)
            self.followed = audit.node_id
            try:
                await self._read(audit, follow.until)
            except Unavailable:
                raise
            except Exception:  # whatever one open day does, it must not hold up the others
                log.exception("open_day_not_summed", node=audit.node_id)
            read.append(audit)
            self._keep(audit)
        if followed:
            await self.head_office.db.write(service.keep_open, followed, read, self.head_office.clock.now())
        for audit in read:
            audit.told = len(audit.findings)
        for tenant_id in {audit.tenant_id for audit in read}:
            self.head_office.tenant_changed(tenant_id)
        return len(followed) < NODES_AT_ONCE

    def _begun(self, fresh: Audit, until: int) -> Audit:
        kept = self.kept.get(fresh.node_id)
        if kept is None or not service.fits(kept, fresh, until):
            return fresh
        return self.kept.pop(fresh.node_id)

    def _keep(self, audit: Audit) -> None:
        while len(self.kept) >= AUDITS_MAX:
            del self.kept[next(iter(self.kept))]
        self.kept[audit.node_id] = audit

    async def _read(self, audit: Audit, until: int) -> None:
        while await self.head_office.db.read(audits.read_on, audit, until):
            pass


async def keep_books(head_office: HeadOffice) -> None:
    """Check what was closed and sum up what is open for as long as the service runs."""
    books = Books(head_office)
    with head_office.hub.watching(PROJECTED) as changed:
        while True:
            changed.clear()
            if await books.go_round():
                continue
            await happens(changed, within_s=LOOK_EVERY_S)
            await asyncio.sleep(PAUSE_S)
