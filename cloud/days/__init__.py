"""Days as the boxes closed them, each proven against what head office has applied, and days that are still open."""
