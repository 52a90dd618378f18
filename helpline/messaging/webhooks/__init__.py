"""Outgoing webhooks: endpoints of other systems, and what is delivered to them."""
