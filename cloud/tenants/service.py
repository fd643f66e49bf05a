"""Creating tenants, and knowing who calls."""

import hashlib
from datetime import datetime

from cloud import requests
from cloud.database import Transaction
from cloud.tenants import storage
from cloud.tenants.models import NewTenant, Tenant, TenantRequest, UnknownKey, UnknownTenant
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


def chosen(tx: Transaction, tenant_id: str | None) -> Tenant:
    """Return the tenant with this id; the only one when none is named. Raises UnknownTenant, for the operator."""
    tenants = storage.all_tenants(tx)
    found = [tenant for tenant in tenants if tenant_id in {None, tenant.id}]
    if len(found) != 1:
        raise UnknownTenant(tenants=", ".join(f"{tenant.id} ({tenant.name})" for tenant in tenants) or "none")
    return found[0]


def hashed(key: str) -> str:
    """Return how a key is stored. It has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
