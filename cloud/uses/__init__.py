"""Counting what may be used so often only, in all stores together: coupons' campaigns, and promotions.

Each has a quota. Uses are reserved here while a basket is paid. A share of what is left is leased to each box, to be
spent while head office is away; what was leased is given to nobody else, unless the box is not heard of any more.
Orders tell what was really used. Where that is more than there was to use, it stands in the exceptions: it was sold,
so it is shown, never refused.
"""
