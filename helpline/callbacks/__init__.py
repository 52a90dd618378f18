"""Callbacks: a visitor's request to be called, from creation to end."""
