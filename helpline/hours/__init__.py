"""Opening hours as stored."""
