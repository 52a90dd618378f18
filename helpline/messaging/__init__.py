"""The outbox, text messages, notices to staff, and worker heartbeats."""
