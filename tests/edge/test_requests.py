"""A request is done once per key."""

from datetime import timedelta

import pytest

from edge import requests
from edge.database import Transaction
from edge.shop import Shop
from tests.edge.small_shop import HandClock


async def test_a_key_is_first_exactly_once(shop: Shop, clock: HandClock) -> None:
    answers = [await shop.db.transact(requests.is_first, key, "scan", clock.now()) for key in ("a", "a", "b", "a")]

    assert answers == [True, False, True, False]


async def test_without_a_key_every_request_is_a_new_one(shop: Shop, clock: HandClock) -> None:
    assert [await shop.db.transact(requests.is_first, None, "scan", clock.now()) for _ in range(3)] == [True] * 3


async def test_a_request_that_failed_may_be_repeated_under_its_key(shop: Shop, clock: HandClock) -> None:
    def fail(tx: Transaction) -> None:
        assert requests.is_first(tx, "a", "scan", clock.now())
        raise LookupError

    with pytest.raises(LookupError):
        await shop.db.transact(fail)

    assert await shop.db.transact(requests.is_first, "a", "scan", clock.now())


async def test_keys_are_forgotten_after_a_day_and_not_before(shop: Shop, clock: HandClock) -> None:
    await shop.db.transact(requests.is_first, "old", "scan", clock.now() - timedelta(days=1, seconds=1))
    await shop.db.transact(requests.is_first, "young", "scan", clock.now() - timedelta(hours=23))

    await shop.db.transact(requests.forget_old, clock.now())

    assert await shop.db.transact(requests.is_first, "old", "scan", clock.now())
    assert not await shop.db.transact(requests.is_first, "young", "scan", clock.now())


async def test_a_key_never_stands_for_two_things(shop: Shop, clock: HandClock) -> None:
    await shop.db.transact(requests.is_first, "a", "add kiosk milk", clock.now())

    with pytest.raises(requests.KeyReused):
        await shop.db.transact(requests.is_first, "a", "copy 1", clock.now())
