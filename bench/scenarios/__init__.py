"""Whole days and whole failures: real processes, people at both ends, and the rules at the end."""
