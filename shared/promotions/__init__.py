"""One engine prices a basket at the till and checks the same order at head office.

`pack.py` holds what head office offers, `engine.py` finds the greatest discount, `evaluation.py` says what it did,
`families/` holds one file per kind of promotion. Everything is a plain function of its arguments.
"""
