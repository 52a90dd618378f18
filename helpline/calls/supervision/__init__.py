"""The supervisor's live view and actions."""
