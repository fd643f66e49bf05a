"""The only code that talks to head office: the journal goes up, the feed comes down, cards are asked about."""
