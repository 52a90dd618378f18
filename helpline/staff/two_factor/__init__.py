"""Two-factor authentication: app codes, passkeys and recovery codes."""
