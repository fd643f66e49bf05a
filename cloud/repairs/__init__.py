"""Entries that could not be applied: looked at, applied again, applied corrected, or settled with a note."""
