"""Counting what may be used so often only: coupons' campaigns, and promotions. Each has a quota.

A use that somewhere is the last one is reserved: by head office where it can be reached, else from the lease that this
box holds. It is held in the payment's own transaction, becomes final with the order, and is given back when the payment
comes to nothing or everything is brought back.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="count_uses", offline="limited"),)
