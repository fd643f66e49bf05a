"""Between head office and its nodes: the journal arrives, is kept, and is then interpreted; the feed goes out."""
