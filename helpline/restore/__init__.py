"""What follows a restored backup: what ended since then ends again, and what is open is held."""
