"""Who this node is, and how it is doing.

The identity lives in `sales.db`, beside the journal that it signs: a box that lost its journal lost its identity too,
and enrols as a new node with a new series instead of repeating numbers.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="enrol", offline="not"),)
