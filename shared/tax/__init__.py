"""Tax contained in prices: rates by country and day, and the one way in which tax is rounded."""
