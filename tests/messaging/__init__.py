"""Texts, both ways."""
