"""What stands at a lane (basket, last order, devices, the line to head office) as one picture for its screen."""

from edge.capability import Capability

CAPABILITIES = (Capability(key="show_screens", offline="works"),)
