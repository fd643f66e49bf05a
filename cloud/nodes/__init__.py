"""The doors at which nodes knock: the journal comes up, the feed goes down."""
