"""Paper: each order's receipt is a job that stays until the printer itself has confirmed it.

Jobs are written in the order's own transaction. What may have been printed before is printed again only as a COPY.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="print", offline="works"),)
