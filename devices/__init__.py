"""Hardware on a store's node: scanners, receipt printers, cash drawers, scales, card readers and terminals, displays.

Each kind promises one Protocol in its `interface.py`; each make is pure reading or writing of bytes and a thin class
that holds a port. Every kind has a simulator that passes the same tests as the real makes.
"""
