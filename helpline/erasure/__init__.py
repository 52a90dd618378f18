"""Erasing what is known of a visitor: on their own word, on request, and in time."""
