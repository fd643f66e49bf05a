"""One trial in a process of its own: what to try comes on the standard input, what it came to goes out line by line.

Each line is a JSON object: `total` orders to price, `done` so far, in the end `trial` or `problem`.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from cloud.database import Transaction, picture
from cloud.orders import service as orders
from cloud.promotions import service, storage, trying
from cloud.promotions.trial import BadPack, TrialRequest
from shared.errors import ShopwrightError
from shared.promotions import pack as packs
from shared.promotions.pack import Pack

NICENESS = 10  # orders that arrive go first


def main() -> None:
    """Run the trial that the standard input asks for."""
    os.nice(NICENESS)
    asked = json.loads(sys.stdin.read() or "null")
    if asked is None:
        return  # stopped before it began
    wanted = TrialRequest.model_validate_json(json.dumps(asked["request"]))
    try:
        with picture(Path(asked["folder"])) as tx:
            _try(tx, asked["tenant_id"], wanted)
    except ShopwrightError as error:
        _tell(problem=error.title)


def _try(tx: Transaction, tenant_id: str, wanted: TrialRequest) -> None:
    pack = _pack(tx, tenant_id, wanted)
    _tell(total=min(orders.count_past(tx, tenant_id, wanted.since, wanted.until), wanted.orders))
    trial = trying.replay(
        tx,
        tenant_id,
        pack.promotions,
        limit=wanted.orders,
        since=wanted.since,
        until=wanted.until,
        dates=wanted.dates,
        told=lambda done: _tell(done=done),
    )
    _tell(trial=trial.model_dump(mode="json"))


def _pack(tx: Transaction, tenant_id: str, wanted: TrialRequest) -> Pack:
    """Return what shall be tried. Raises BadPack."""
    if wanted.pack is None:
        states = ("active", "draft") if wanted.drafts else ("active",)
        return Pack.of(packs.parse(body) for body in storage.in_states(tx, tenant_id, states).values())
    published = service.published(tx, tenant_id, wanted.pack)
    if published is None:
        raise BadPack(pack=wanted.pack, problem="there is no pack of this version")
    return published


def _tell(**fact: Any) -> None:
    print(json.dumps(fact), flush=True)


if __name__ == "__main__":
    main()
