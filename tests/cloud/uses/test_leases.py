"""A box that is not heard of keeps no lease for ever; what it spends all the same is seen when it comes."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from cloud.database import Transaction
from cloud.uses import service
from shared.model.quota import Quota
from tests.cloud.boxes import Box, an_id
from tests.cloud.specials.world import SHARED, begin, deliver, leased, redeemed, reserve, wrongs
from tests.cloud.uses.test_counting import two_shops
from tests.cloud.world import Tenant, World, open_world
from tests.world import until

SILENT_FOR = timedelta(days=14)


async def terms(tenant: Tenant) -> None:
    await begin(tenant, "welcome", SHARED, max_uses_total=20, leased_uses=4)


async def look_after(world: World, tenant: Tenant) -> None:
    """Let the time come at which leases are looked after."""
    now = world.clock.now()
    await world.head_office.db.write(service.look_after, tenant.id, ["welcome"], SILENT_FOR, now)


async def left(tenant: Tenant) -> int:
    return (await tenant.see("/api/coupons/welcome"))["left"]


def spend(box: Box, number: int) -> None:
    redeemed(box, number, "welcome", None, "leased")


async def test_what_a_silent_box_has_not_spent_comes_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, there = await two_shops(world)
        await terms(tenant)
        spend(there, 1)
        await deliver(world, there)
        before = await left(tenant)
        world.clock.pass_by(days=13)
        here.started("1.0")
        await deliver(world, here)
        await look_after(world, tenant)
        patient = await left(tenant)
        world.clock.pass_by(days=2)
        await look_after(world, tenant)
        leases = [await leased(world, box, "welcome") for box in (here, there)]
        after = await left(tenant)

    assert (before, patient, after) == (12, 12, 15)
    assert leases == [4, 1]


async def test_a_box_that_never_called_keeps_its_lease_no_longer(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, _, never = await two_shops(world)
        await terms(tenant)
        world.clock.pass_by(days=15)
        await look_after(world, tenant)
        once = await leased(world, never, "welcome")
        await look_after(world, tenant)

        assert (once, await leased(world, never, "welcome")) == (0, 0)


async def test_late_uses_of_a_silent_box_are_counted_and_seen(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        await terms(tenant)
        spend(here, 1)
        await deliver(world, here)
        world.clock.pass_by(days=15)
        await look_after(world, tenant)
        for number in (2, 3, 4):
            spend(here, number)
        await deliver(world, here)
        shown = await tenant.see("/api/coupons/welcome")
        found = await wrongs(tenant)

    assert found == [("used_beyond_lease", an_id(number)) for number in (4, 3, 2)]
    assert (shown["used"], shown["left"]) == (4, 16)


async def test_a_box_that_is_back_gets_a_lease_again_once_it_has_sent_everything(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        await terms(tenant)
        world.clock.pass_by(days=15)
        await look_after(world, tenant)
        world.clock.pass_by(minutes=1)
        spend(here, 1)
        await deliver(world, here)
        at_once = await leased(world, here, "welcome")
        await look_after(world, tenant)
        later = await leased(world, here, "welcome")
        spend(here, 2)
        await deliver(world, here)
        found = await wrongs(tenant)

    assert (at_once, later) == (0, 5)
    assert found == [("used_beyond_lease", an_id(1))]  # and nothing of what it was leased anew


async def test_a_box_that_is_known_to_be_gone_loses_its_leases_at_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, gone, there = await two_shops(world)
        await terms(tenant)
        answer = await tenant.knock("DELETE", f"/api/nodes/{gone.id}/leases")
        again = await tenant.knock("DELETE", f"/api/nodes/{gone.id}/leases")
        unknown = await tenant.knock("DELETE", f"/api/nodes/{an_id(99)}/leases")
        leases = [await leased(world, box, "welcome") for box in (gone, there)]

    assert (answer.body, again.body, unknown.status) == ({"uses": 4}, {"uses": 0}, 404)
    assert leases == [0, 4]


async def test_stores_hear_that_uses_came_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, gone, there = await two_shops(world)
        await begin(tenant, "welcome", SHARED, max_uses_total=4, leased_uses=1)
        for basket in (1, 2):
            assert await reserve(world, there, basket, "welcome", None) == "reserved"
        full = await reserve(world, there, 3, "welcome", None)
        await tenant.knock("DELETE", f"/api/nodes/{gone.id}/leases")
        free = await reserve(world, there, 3, "welcome", None)

    assert (full, free) == ("used_up", "reserved")


async def test_the_service_looks_after_leases_by_itself(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        tenant, here, _ = await two_shops(world)
        await terms(tenant)
        world.clock.pass_by(days=8)
    async with open_world(tmp_path, world.clock, silent_box_days=7) as later:
        same = Tenant(later, tenant.id, tenant.key)

        async def recovered() -> bool:
            return await left(same) == 20

        await until(recovered)

        assert await leased(later, here, "welcome") == 0


@pytest.mark.parametrize("verb", ["put", "look after", "close"])
async def test_the_work_grows_with_quotas_and_with_stores_but_not_with_one_times_the_other(
    tmp_path: Path, verb: str
) -> None:
    quotas = [Quota(id=f"Q{number}", name="Q", max_uses_total=1_000) for number in range(20)]
    quota_ids = [quota.id for quota in quotas]

    def work(tx: Transaction, tenant_id: str, now: datetime) -> int:
        """Return how many statements it takes."""
        if verb != "put":
            service.put_quotas(tx, tenant_id, quotas, now)
        statements: list[str] = []
        event.listen(tx, "before_cursor_execute", lambda *args: statements.append(args[2]))
        if verb == "put":
            service.put_quotas(tx, tenant_id, quotas, now)
        elif verb == "look after":
            service.look_after(tx, tenant_id, quota_ids, -SILENT_FOR, now)  # everybody is silent
        else:
            service.close_quotas(tx, tenant_id, quota_ids)
        return len(statements)

    counts = []
    for shops in (1, 7):
        async with open_world(tmp_path / str(shops)) as world:
            tenant = await world.tenant()
            for number in range(shops):
                store = await tenant.open_store(code=f"S{number}", name=f"Shop {number}")
                await tenant.enrol(store["id"], "kiosk", f"S{number}K1")
            counts.append(await world.head_office.db.write(work, tenant.id, world.clock.now()))
            told = await world.rows("select count(*), sum(gone) from feed_rows where kind = 'lease'")
            assert told == [(20 * shops, 20 * shops if verb == "close" else 0)]

    few, many = counts
    assert many - few < 6 * 10


async def test_what_is_counted_is_looked_after_in_parts(tmp_path: Path) -> None:
    count = service.LOOKED_AFTER_MAX + 1
    quotas = [Quota(id=f"Q{number}", name="Q", max_uses_total=10) for number in range(count)]
    async with open_world(tmp_path) as world:
        tenant, other = await world.tenant(), await world.tenant("Other")
        for one, some in ((tenant, quotas), (other, quotas[:1])):
            await world.head_office.db.write(service.put_quotas, one.id, some, world.clock.now())
        parts = await world.head_office.db.read(service.open_quotas)

    assert sorted(len(quota_ids) for _, quota_ids in parts) == [1, 1, count - 1]
    found = [(tenant_id, quota_id) for tenant_id, quota_ids in parts for quota_id in quota_ids]
    assert sorted(found) == sorted([(other.id, "Q0"), *((tenant.id, quota.id) for quota in quotas)])
