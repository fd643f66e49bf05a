"""The other boxes of this store: found on the network, proven by their keys, and keeping copies of each other's sales.

A box that is destroyed with unsent sales has lost none of them: a neighbour holds each, and brings them to head office.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="keep_copies", offline="works"),)
