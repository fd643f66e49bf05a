"""Paying for a basket, in cash or with a card: at the box's own terminal, or through head office's gateway.

A card payment is written down before the gateway is asked, and ends in exactly one of: approved (the order exists),
declined, or taken back. An answer that never came is taken back until head office confirms it, never asked anew.
"""

from edge.capability import Capability

CAPABILITIES = (
    Capability(key="pay_cash", offline="works"),
    Capability(key="pay_by_terminal", offline="limited"),
    Capability(key="pay_by_office", offline="not"),
)
