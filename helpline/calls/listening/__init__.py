"""Supervisors who listen in to calls and join them."""
