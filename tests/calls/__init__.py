"""Every path through an outbound call: docs/calls.md."""
