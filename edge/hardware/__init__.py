"""The devices of this box: what is plugged in, what is bound to which name, how each is doing, and trying them out."""

from edge.capability import Capability

CAPABILITIES = (Capability(key="use_devices", offline="works"),)
