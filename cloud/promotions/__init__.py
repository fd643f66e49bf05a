"""What the stores offer: promotions, imported here, tried on past orders, and published through the feed."""
