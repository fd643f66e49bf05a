"""What must be fast, as ratios: each figure stands beside a peer or a limit measured in the same run.

`make bench` runs all of it, prints a table and writes `bench.json`.
"""
