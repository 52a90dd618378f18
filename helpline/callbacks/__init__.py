"""Callbacks: one visitor's request to be rung, and its whole life."""
