"""Terminals that take card payments at a lane."""
