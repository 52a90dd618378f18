"""Invitations: one-time links for new staff."""
