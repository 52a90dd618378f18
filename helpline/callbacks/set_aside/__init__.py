"""Requests that a supervisor takes for made up: not called, and brought back on demand."""
