"""Lotteries: blocks of imported codes go to boxes, orders draw from them, and what comes back is void."""

from collections.abc import Sequence

import structlog

from cloud.database import Transaction
from cloud.fleet import service as fleet
from cloud.lotteries import storage
from cloud.lotteries.models import (
    CODE_LENGTH_MAX,
    REJECTED_SHOWN_MAX,
    BadCodes,
    CodesReport,
    LotteryList,
    LotteryRequest,
    LotteryView,
    RejectedCode,
)
from cloud.orders import service as orders
from cloud.received import Handlers, Received
from cloud.sync import feed
from cloud.uses import service as uses
from cloud.uses.models import Wrong
from shared.errors import NotFound
from shared.events.nodes import NodeStarted
from shared.events.orders import OrderCompleted, OrderRefunded
from shared.model.special import LOTTERY_BLOCK_MAX, Lottery, LotteryBlock

log = structlog.get_logger()


def put_lottery(tx: Transaction, tenant_id: str, lottery_id: str, wanted: LotteryRequest) -> LotteryView:
    """Begin a lottery, or change its terms."""
    lottery = Lottery(id=lottery_id, **wanted.model_dump())
    storage.put_lottery(tx, tenant_id, lottery, "active")
    feed.publish(tx, tenant_id, "lottery", {lottery_id: lottery.model_dump(mode="json")})
    top_up(tx, tenant_id, lottery_id)
    return _view(tx, tenant_id, lottery, "active")


def end_lottery(tx: Transaction, tenant_id: str, lottery_id: str) -> None:
    """Give out no more codes. Raises NotFound."""
    lottery = _known(tx, tenant_id, lottery_id)
    storage.put_lottery(tx, tenant_id, lottery, "ended")
    feed.publish(tx, tenant_id, "lottery", {lottery_id: None})


def lotteries(tx: Transaction, tenant_id: str) -> LotteryList:
    """Return all lotteries and how many codes they have left."""
    found = storage.all_lotteries(tx, tenant_id)
    return LotteryList(lotteries=tuple(_view(tx, tenant_id, lottery, state) for lottery, state in found))


def read_codes(content: bytes) -> list[str]:
    """Return the codes of a CSV file with one column, or of a plain list. Raises BadCodes."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadCodes(problem=f"byte {error.start} is not UTF-8") from error
    codes = [line.strip().strip('"') for line in lines]
    return codes[1:] if codes and codes[0].lower() == "code" else codes


def import_codes(tx: Transaction, tenant_id: str, lottery_id: str, codes: Sequence[str]) -> CodesReport:
    """Add codes behind those that are there, and lease them to the boxes. Raises NotFound."""
    _known(tx, tenant_id, lottery_id)
    known = storage.codes_among(tx, (tenant_id, lottery_id), codes)
    good: list[str] = []
    rejected = []
    for line, code in enumerate(codes, 1):
        if not code:
            continue
        if not (code.isascii() and code.isprintable() and " " not in code and len(code) <= CODE_LENGTH_MAX):
            rejected.append(RejectedCode(number=line, problem="no code of up to 64 plain characters without blanks"))
        elif code in known:
            rejected.append(RejectedCode(number=line, problem="it was imported before, or stands here twice"))
        else:
            good.append(code)
            known.add(code)
    storage.add_codes(tx, (tenant_id, lottery_id), good)
    top_up(tx, tenant_id, lottery_id)
    return CodesReport(taken=len(good), rejected=len(rejected), rejected_codes=tuple(rejected[:REJECTED_SHOWN_MAX]))


def top_up(tx: Transaction, tenant_id: str, lottery_id: str) -> None:
    """Lease a block to every box that has given out half of one or more, as far as there are codes.

    A lottery that has ended leases nothing more.
    """
    if (lottery_id, "active") not in {(one.id, state) for one, state in storage.all_lotteries(tx, tenant_id)}:
        return
    owner = (tenant_id, lottery_id)
    leased = storage.leased_codes(tx, owner)
    wants = [
        node
        for node in fleet.nodes(tx, tenant_id)
        if node.is_enrolled and leased.get(node.id, 0) * 2 <= LOTTERY_BLOCK_MAX
    ]
    if not wants:
        return
    each = min(LOTTERY_BLOCK_MAX, storage.counts(tx, owner).get("free", 0) // len(wants))
    for node in wants if each else ():
        first, codes = storage.lease(tx, owner, node.id, each)
        block = LotteryBlock(lottery=lottery_id, node_id=node.id, first=first, codes=tuple(codes))
        feed.publish(
            tx, tenant_id, "lottery_block", {f"{lottery_id}/{first}": block.model_dump(mode="json")}, node.store_id
        )
    left = storage.counts(tx, owner).get("free", 0)
    if left < LOTTERY_BLOCK_MAX:
        log.warning("lottery_runs_low", tenant=tenant_id, lottery=lottery_id, left=left)


def on_node_started(tx: Transaction, received: Received[NodeStarted]) -> None:
    """A box that is new has no codes yet."""
    for lottery, _ in storage.all_lotteries(tx, received.tenant_id):
        top_up(tx, received.tenant_id, lottery.id)


def on_order_completed(tx: Transaction, received: Received[OrderCompleted]) -> None:
    """Note whose codes are whose. A code that was not this box's to give out is an exception."""
    order = received.fact.order
    for draw in order.draws:
        owner = (received.tenant_id, draw.lottery)
        strangers = [
            one.code
            for one in draw.codes
            if not storage.draw(tx, owner, one.number, one.code, received.author_id, order.id)
        ]
        if strangers:
            _note(tx, received, draw.lottery, "foreign_lottery_code")
        if len(draw.codes) < draw.due:
            _note(tx, received, draw.lottery, "lottery_ran_out")
        top_up(tx, received.tenant_id, draw.lottery)
    if order.draws:
        _void_when_whole(tx, received.tenant_id, order.id)  # its refund may have come from a quicker box


def _note(tx: Transaction, received: Received[OrderCompleted], lottery_id: str, wrong: Wrong) -> None:
    uses.note(tx, received, lottery_id, wrong)


def on_order_refunded(tx: Transaction, received: Received[OrderRefunded]) -> None:
    _void_when_whole(tx, received.tenant_id, received.fact.refund.order_id)


def _void_when_whole(tx: Transaction, tenant_id: str, order_id: str) -> None:
    """An order that came back whole keeps no codes: they are void, and on paper already, so nobody gets them again."""
    if storage.has_codes(tx, tenant_id, order_id) and orders.is_returned(tx, tenant_id, order_id):
        storage.void(tx, tenant_id, order_id)


def _known(tx: Transaction, tenant_id: str, lottery_id: str) -> Lottery:
    for lottery, _ in storage.all_lotteries(tx, tenant_id):
        if lottery.id == lottery_id:
            return lottery
    raise NotFound(kind="lottery", lottery=lottery_id)


def _view(tx: Transaction, tenant_id: str, lottery: Lottery, state: storage.State) -> LotteryView:
    counts = storage.counts(tx, (tenant_id, lottery.id))
    free = counts.get("free", 0)
    return LotteryView(
        id=lottery.id,
        state=state,
        terms=LotteryRequest(**lottery.model_dump(exclude={"id"})),
        free=free,
        leased=counts.get("leased", 0),
        drawn=counts.get("drawn", 0),
        void=counts.get("void", 0),
        is_low=state == "active" and free < LOTTERY_BLOCK_MAX,
    )


handlers: Handlers = {
    NodeStarted: on_node_started,
    OrderCompleted: on_order_completed,
    OrderRefunded: on_order_refunded,
}
