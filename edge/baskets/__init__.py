"""Filling baskets. A lane (a kiosk, a counter) has at most one basket that is not finished; every change is on disk
before a screen shows it, so a power cut costs nobody their shopping.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="fill_basket", offline="works"),)
