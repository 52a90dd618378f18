"""What an admin decides: every number, its bounds and its words in one table."""
