"""The journal beyond its way up: verified whole, exported as a file that others can verify, and forgotten in time."""

from edge.capability import Capability

CAPABILITIES = (Capability(key="verify_journal", offline="works"),)
