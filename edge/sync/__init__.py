"""The only code that talks to head office: the journal goes up, the feed comes down, cards are asked about."""

from edge.capability import Capability

CAPABILITIES = (
    Capability(key="deliver", offline="later"),
    Capability(key="update", offline="later"),
)
