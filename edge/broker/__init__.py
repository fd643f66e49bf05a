"""The store's message broker: what happens in the shop is told to whatever listens there, and promised to some.

Announcements (`store/<code>/…`) may be missed. What a configured receiver is promised waits in the outbox, and comes
into its inbox until it sends a receipt. The broker is our own or any other that speaks MQTT 3.1.1.
"""

from edge.capability import Capability

CAPABILITIES = (Capability(key="tell_store", offline="works"),)
