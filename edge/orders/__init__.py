"""Orders and what stands beside them. A completed order never changes; goods that come back make a refund.

One transaction holds the order, its tenders and tax, the next number of the node's gap-free series, and the entry in
the journal.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="refund", offline="works"),)
