"""Creating tenants, and knowing who calls."""

import hashlib
from datetime import datetime

from cloud import requests
from cloud.database import Transaction
from cloud.tenants import storage
from cloud.tenants.models import NewTenant, Tenant, TenantRequest, UnknownKey
from shared import ids


def create(tx: Transaction, wanted: TenantRequest, now: datetime, request_key: str | None) -> NewTenant:
    """Create a tenant with a fresh key. A repeat gives it another key, because the first is kept nowhere."""

    def make() -> Tenant:
        tenant = Tenant(id=ids.new_id(), name=wanted.name)
        storage.add(tx, tenant, hashed(ids.new_key("sw_unused")), now)
        return tenant

    tenant = requests.once(tx, "operator", request_key, wanted, now, Tenant, make)
    key = ids.new_key("sw_office")
    storage.set_key_hash(tx, tenant.id, hashed(key))
    return NewTenant(tenant=tenant, key=key)


def by_key(tx: Transaction, key: str) -> Tenant:
    """Return whose key it is. Raises UnknownKey."""
    tenant = storage.by_key_hash(tx, hashed(key))
    if tenant is None:
        raise UnknownKey
    return tenant


def hashed(key: str) -> str:
    """Return how a key is stored. It has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
