"""Opening hours and policy as stored."""
