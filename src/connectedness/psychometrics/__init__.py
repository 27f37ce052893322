"""Facts about a scale, from responses."""
