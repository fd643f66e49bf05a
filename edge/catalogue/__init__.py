"""What can be sold here: products, prices, promotions and settings, as head office last published them.

They live in `catalogue.db`, which holds nothing of our own: it is replaced whole by a snapshot and changed row by row
by the feed, with the feed's cursor in the same file.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="look_up", offline="works"),)
