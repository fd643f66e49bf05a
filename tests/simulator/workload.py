"""What people do meanwhile: shoppers and attendants at the boxes, and head office's people at their desks."""

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared import ids
from shared.errors import Unavailable
from tests.simulator.books import UnheardOf, demand
from tests.simulator.handing import introduce, other_box
from tests.simulator.line import HEAD_OFFICE
from tests.simulator.machines import ATTENDANT_KEY, Box
from tests.simulator.wire import Broken, Refused
from tests.world import BARCODES, PROMOTIONS

if TYPE_CHECKING:
    from tests.simulator.world import World

LANE = "/api/lanes/kiosk"
SKUS = ("milk", "tea", "mug")
CARDS = ("test-approved", "test-approved", "test-approved", "test-declined", "test-silent")
PAUSE_S = (0.5, 12.0)
PATIENCE = 12  # attempts to pay
GIVE_UP_S = 20.0  # a shopper does not wait longer for an answer


class Away(Exception):
    """The box, or head office, did not answer; nobody knows what it did."""


async def knock(world: "World", name: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Knock at a door. Returns status and answer. Raises Away."""
    try:
        async with asyncio.timeout(GIVE_UP_S):
            return await world.network.call(name, method, path, body, **headers)
    except (Refused, Broken, TimeoutError) as error:
        raise Away from error


async def shop(world: "World", box: Box, chance: random.Random) -> None:
    """Let one shopper after the other buy at a box, until it closes; now and then one brings something back."""
    while not (world.healing.is_set() or box.is_retired):
        await asyncio.sleep(chance.uniform(*PAUSE_S))
        try:
            if box.books.told and chance.random() < 0.15:
                await bring_back(world, box, chance)
            else:
                await buy(world, box, chance)
        except Away:
            world.note(box.name, "is away")
        world.check()


async def buy(world: "World", box: Box, chance: random.Random) -> None:
    """Scan some things, change one's mind, pay. Raises Away before it comes to paying."""
    basket: dict[str, Any] = {}
    for sku in chance.choices(SKUS, k=chance.randint(1, 4)):
        key = str(UUID(int=chance.getrandbits(128), version=4))
        for _ in range(1 + (chance.random() < 0.1)):  # some screens send twice
            status, answer = await knock(
                world, box.name, "POST", f"{LANE}/scans", {"code": BARCODES[sku]}, **{"Idempotency-Key": key}
            )
        if status == 200:
            basket = answer
    if basket and chance.random() < 0.2:
        line = chance.choice(basket["lines"])
        path = f"/api/baskets/{basket['id']}/lines/{line['number']}"
        status, answer = await knock(world, box.name, "PUT", path, {"quantity": chance.randint(1, 5)})
        basket = answer if status == 200 else basket
    if basket and chance.random() < 0.25:
        box = await go_elsewhere(world, box, chance, basket)
    if basket:
        await pay(world, box, chance, basket)


async def go_elsewhere(world: "World", box: Box, chance: random.Random, basket: dict[str, Any]) -> Box:
    """Park a basket and type its code at a box of the same store; returns the box at which it is to be paid.

    Where it cannot go on there, because that till is busy or one of the boxes is away, its shopper tries the first one
    again, too.
    """
    there = other_box(world, box, chance)
    key = str(UUID(int=chance.getrandbits(128), version=4))
    path = f"/api/baskets/{basket['id']}/parking"
    status, answer = await insist(world, box, chance, path, None, **{"Idempotency-Key": key})
    world.note(box.name, "parks", status, answer.get("code"))
    if status != 200:
        return box
    for _ in range(PATIENCE):
        introduce(world, there)
        status, told = await insist(world, there, chance, f"{LANE}/continued", {"code": answer["code"]})
        world.note(there.name, "goes on", status, told.get("code", told.get("version")))
        if status == 200:
            demand(told["id"] == basket["id"], "a basket stays itself", code=answer["code"])
            if there is not box and chance.random() < 0.3:
                await try_again(world, box, there, answer["code"])
            return there
        there = chance.choice([box, other_box(world, box, chance)])
        await asyncio.sleep(chance.uniform(0.5, 3.0))
    return there


async def try_again(world: "World", box: Box, there: Box, code: str) -> None:
    """Type the code at the first box once more, though the basket goes on at another. Raises Away."""
    status, _ = await knock(world, box.name, "POST", f"{LANE}/continued", {"code": code})
    is_set_back = box.is_set_back or there.is_set_back
    demand(status != 200 or is_set_back, "a basket goes on at one till only", code=code)


async def insist(
    world: "World", box: Box, chance: random.Random, path: str, body: Any, **headers: str
) -> tuple[int, dict[str, Any]]:
    """Ask a box until it answers. Raises Away when it never does."""
    for _ in range(PATIENCE):
        try:
            return await knock(world, box.name, "POST", path, body, **headers)
        except Away:
            await asyncio.sleep(chance.uniform(0.5, 3.0))
    raise Away


async def pay(world: "World", box: Box, chance: random.Random, basket: dict[str, Any]) -> None:
    """Pay until it is paid, or certainly not. A screen whose question got no answer asks again."""
    path = f"/api/baskets/{basket['id']}/checkout"
    is_unsure = False
    for attempt in range(PATIENCE):
        if attempt < 3 and chance.random() < 0.4:
            tender = {"kind": "card", "card": chance.choice(CARDS)}
        else:
            tender = {"kind": "cash", "tendered_minor": 100_000}
        try:
            status, answer = await knock(world, box.name, "POST", path, {"tender": tender})
        except Away:
            is_unsure = True
            await asyncio.sleep(chance.uniform(0.5, 3.0))
            continue
        world.note(box.name, "pays", tender["kind"], status, answer.get("code", answer.get("receipt_number")))
        if status == 200:
            confirm(box, basket["id"], answer["total_minor"])
            return
        demand(status in {404, 409, 503}, "a till says what is wrong", status=status, answer=answer)
        if answer["code"] in {"unknown-basket", "basket-is-closed", "basket-is-empty"}:
            demand(
                not is_unsure or answer["code"] != "basket-is-closed", "a paid basket answers its order", box=box.name
            )
            return
        await asyncio.sleep(chance.uniform(0.1, 3.0))


async def bring_back(world: "World", box: Box, chance: random.Random) -> None:
    """Give goods of an order back, asking again with the same id where no answer came. Raises Away."""
    order_id = chance.choice([one for one in box.books.told if one in box.books.orders] or [""])
    if not order_id:
        return
    path = f"/api/orders/{order_id}/refunds/{UUID(int=chance.getrandbits(128), version=4)}"
    body = {"lines": [{"number": 1, "quantity": 1}]}
    for _ in range(PATIENCE):
        try:
            status, answer = await knock(world, box.name, "PUT", path, body, Authorization=f"Bearer {ATTENDANT_KEY}")
        except Away:
            await asyncio.sleep(chance.uniform(0.5, 3.0))
            continue
        world.note(box.name, "takes back", status, answer.get("code", answer.get("receipt_number")))
        if status == 200:
            confirm(box, answer["id"], answer["tender"]["amount_minor"])
        return


def confirm(box: Box, document_id: str, amount_minor: int) -> None:
    """Somebody was told that an order or refund is made: it must be on the disk by now."""
    if box.shop is not None:
        box.books.read(box.shop.db._connection)
    box.books.confirm(document_id, amount_minor)


async def edit(world: "World", chance: random.Random) -> None:
    """Change a price or the promotions at head office."""
    bearer = {"Authorization": f"Bearer {world.template.key}"}
    try:
        if chance.random() < 0.7:
            status = await edit_price(world, chance.choice(SKUS), chance.randint(50, 900))
        else:
            kept = chance.sample(PROMOTIONS, k=chance.randint(0, len(PROMOTIONS)))
            renamed = [{**one, "name": f"{one['name']} ({chance.randint(1, 99)})"} for one in kept]
            status, _ = await knock(world, HEAD_OFFICE, "PUT", "/api/promotions", {"promotions": renamed}, **bearer)
        world.note("desk", "edits", status)
    except Away:
        world.note("desk", "cannot reach head office")


async def edit_price(world: "World", sku: str, price_minor: int) -> int:
    """Import a new price of one product; returns the status. Raises Away."""
    tax_class = "zero" if sku == "milk" else "standard"
    row = f"{sku},{sku.title()},{BARCODES[sku]},{price_minor / 100},{tax_class},,"
    csv = f"sku,name,barcode,price,tax_class,category,tags\n{row}\n".encode()
    headers = {"Authorization": f"Bearer {world.template.key}", "Content-Type": "text/csv"}
    path = "/api/catalogue/imports?currency=GBP"
    status, _ = await knock(world, HEAD_OFFICE, "POST", path, csv, **headers)
    return status


async def poison(box: Box, chance: random.Random) -> None:
    """Let a box write what head office cannot read."""
    if box.shop is None:
        return
    shop, now = box.shop, box.clock.now()
    with ids.drawn_from(box.source), suppress(Unavailable):
        await shop.db.transact(shop.journal.record, UnheardOf(grains=chance.randint(1, 9)), now, now.date())
        shop.entry_written()
