"""The worker: small pieces of work, each safe to do in many processes at once."""
