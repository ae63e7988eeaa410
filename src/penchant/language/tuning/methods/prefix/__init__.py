"""Keys and values in front of every layer's own."""
