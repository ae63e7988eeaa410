"""Vectors in front of the text."""
