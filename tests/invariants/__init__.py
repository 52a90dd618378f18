"""What must always hold, each by name and by example, on both databases."""
