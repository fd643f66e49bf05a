"""Head office: owns the catalogue, the payments and the books of many stores."""
