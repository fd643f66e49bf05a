"""Displays that face the customer."""
