"""Retail businesses and their keys. Everything else belongs to exactly one of them."""
