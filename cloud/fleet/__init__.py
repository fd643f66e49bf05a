"""Stores and the nodes in them: created here, enrolled by an installer with a one-time code, watched ever after."""
