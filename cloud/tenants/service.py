"""Creating tenants, and knowing who calls."""

import hashlib
from datetime import datetime

from cloud import requests
from cloud.database import Transaction
from cloud.tenants import storage
from cloud.tenants.models import NewTenant, Tenant, UnknownKey
from shared import ids


def create(tx: Transaction, name: str, now: datetime, request_key: str | None) -> NewTenant:
    """Create a tenant with a fresh key."""

    def make() -> NewTenant:
        tenant = Tenant(id=ids.new_id(), name=name)
        key = ids.new_key("sw_office")
        storage.add(tx, tenant, hashed(key), now)
        return NewTenant(tenant=tenant, key=key)

    return requests.once(tx, "operator", request_key, now, NewTenant, make)


def by_key(tx: Transaction, key: str) -> Tenant:
    """Return whose key it is. Raises UnknownKey."""
    tenant = storage.by_key_hash(tx, hashed(key))
    if tenant is None:
        raise UnknownKey
    return tenant


def hashed(key: str) -> str:
    """Return how a key is stored. It has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()
