"""Requests that a supervisor set aside as made up: not called, and restored on demand.

See docs/decisions/0002-second-request-waits-behind-first.
"""
