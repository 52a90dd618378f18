"""The worker: small jobs, each safe to run in many processes at once."""
