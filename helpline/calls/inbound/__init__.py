"""Calls in: somebody rings the helpline's number."""
