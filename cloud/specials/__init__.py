"""What stands beside promotions: coupon campaigns, and how often their codes were used in all stores together.

Uses are reserved here while a basket is paid. A share of what is left is leased to each box, to be spent while head
office is away; what was leased is never given to somebody else. Orders tell what was really used. Where that is more
than there was to use, it stands in the exceptions: it was sold, so it is shown, never refused.
"""
