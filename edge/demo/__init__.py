"""A whole store in a box: simulated hardware, real daemons, real baskets."""
