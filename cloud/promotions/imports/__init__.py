"""Retailers' files read into staged changes of promotions: CSV, POS .ASC, our own XML, and Israel's price-law feeds.

Each reader is a plain function from bytes to `Staged` (`staged.py`). It never raises for a bad row: rows are listed
with their line. `fields.py` says once how each field is written, `families.py` what each family needs, for all formats.
"""
