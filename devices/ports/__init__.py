"""Ways to reach a device: a serial line, a TCP connection, and a script of frames for tests."""
