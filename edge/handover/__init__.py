"""A basket that goes on at another till: parked under a short code, and fetched by it in any lane of any box of the
store.

It is in exactly one place at any time. The box that has it gives it to the first that claims it and to nobody else, in
one transaction; the claimer asks as often as it must. So a lost answer, a repeat or a power cut neither lose it nor
double it, and as the order's id is the basket's, it could not be paid twice even then.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="hand_over", offline="works"),)
