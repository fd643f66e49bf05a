"""The days of this box: what was sold since the last closing (X), and closing a day (Z).

Both are local acts over a span of the journal. They ask nobody, wait for nothing, and refuse nothing that was sold.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="close_day", offline="works"),)
