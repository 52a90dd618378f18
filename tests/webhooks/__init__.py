"""Outgoing webhooks, against real servers of this machine."""
