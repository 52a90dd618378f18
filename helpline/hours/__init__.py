"""Stored hours: the week, special days, closures, slots and retries, as an admin set them."""
