"""Requests that a supervisor set aside as made up: not called, and restored on demand."""
