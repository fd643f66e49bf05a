"""What stands beside promotions at a till: coupons, put into baskets and counted when they are paid.

A use that somewhere is the last one is reserved: by head office where it can be reached, else from the lease that this
box holds. It is held in the payment's own transaction, becomes final with the order, and is given back when the payment
comes to nothing.
"""

from edge.capability import Capability

CAPABILITIES = (
    Capability(key="discount", offline="works"),
    Capability(key="voucher", offline="limited"),
)
