"""The in-store daemon: everything a sale needs, on one box, with or without the internet."""
