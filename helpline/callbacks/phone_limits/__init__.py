"""Limits of calls to one number: a daily limit, and blocks by supervisors."""
