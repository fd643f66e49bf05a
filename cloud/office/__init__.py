"""What head office's people see at one look: stores with their nodes, and orders as they arrive."""
