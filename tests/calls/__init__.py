"""Every path through an outbound call: docs/calls.md has them as a table."""
