"""The domain, as both daemons mean it: money, baskets, promotions, tax, receipts, facts and the protocol between them.

Nothing here reads a file, a clock or a socket on its own, and nothing here imports `edge`, `cloud` or `devices`.
"""
