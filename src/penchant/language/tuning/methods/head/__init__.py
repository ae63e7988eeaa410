"""The encoder stays as it is."""
