"""The adapter for Plivo: its client, instructions, webhooks, statuses and error codes."""
