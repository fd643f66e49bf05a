"""What the tenant's stores sell, and for how much: imported here, published through the feed."""
