"""Card payments, for now through a test gateway that approves, declines, and falls silent as real ones do."""
