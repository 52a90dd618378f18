"""Preflight checks of everything that calls need."""
