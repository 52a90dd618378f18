"""What keeps secrets secret: encryption at rest, the phone index, the audit log."""
