"""The exact optimum of one layer: which promotion takes which units so that the discount is greatest.

`problem.py` says what is asked, and `solve.py` divides it into parts that share no units. A part with one contender
often has a closed form (`closed.py`). Any other is searched: `branch.py` bounds the discount by a linear program
(`node.py`, `master.py`) over applications (`columns.py`) that are found as they are needed (`sets.py`, `takings.py`),
and splits it where its solution is not whole; `rounding.py` and `spread.py` find whole solutions near it. Nothing here
knows of baskets, lines or money beyond whole numbers.
"""
