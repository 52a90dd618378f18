"""Directories kept by admins: entries with an order, sources and versions."""
