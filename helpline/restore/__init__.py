"""What follows a restored backup: later ends and erasures are applied, open requests held."""
