"""The nouns that edge and cloud share. Each is a frozen value that was validated when it was made."""
