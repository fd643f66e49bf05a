"""Readers of smart cards and NFC tags."""
