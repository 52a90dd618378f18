"""The adapter for Twilio: its client, instructions, webhooks, statuses and error codes."""
