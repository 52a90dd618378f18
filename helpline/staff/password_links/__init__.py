"""One-time links for a new password, created by an admin."""
