"""Inbound calls to the helpline's number."""
