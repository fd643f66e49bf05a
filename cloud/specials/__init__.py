"""What stands beside promotions: campaigns of coupons, whose uses are counted, and of donations."""
