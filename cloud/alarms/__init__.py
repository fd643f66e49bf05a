"""What is wrong with nodes: raised by whoever notices, counted up when it comes again, settled by people."""
