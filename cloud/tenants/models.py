"""A tenant, and what can go wrong with keys."""

from shared.errors import Denied, Misconfigured, Unauthenticated
from shared.model.strict import Id, Name, Strict


class UnknownKey(Unauthenticated):
    """This key opens nothing here."""

    hint = "Check that it was copied whole; head office's operator can issue another."


class OperatorOnly(Denied):
    """Only the operator of this service may do this."""

    hint = "Use the operator key; it stands in the service's configuration or in its data folder."


class UnknownTenant(Misconfigured):
    """It is not clear which business is meant; there are: {tenants}."""

    hint = "Name one by its id."


class Tenant(Strict):
    """One retail business."""

    id: Id
    name: Name


class TenantRequest(Strict):
    """A business that joins."""

    name: Name


class NewTenant(Strict):
    """A tenant and its head-office key, which is told only this once."""

    tenant: Tenant
    key: str
