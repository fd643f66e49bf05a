"""Prize codes: a block is imported, leased to boxes in ranges, and given out with orders that are worth one or more.

A code is bound to its order. When the order comes back whole its codes are void; they are on paper already, so nobody
gets them again.
"""
