"""Calls: attempts to ring a visitor, what the carrier says of them, and what came of them."""
