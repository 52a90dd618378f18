"""Server-side sessions that can be listed and revoked."""
