"""What admins say to visitors in other words than ours, and how it reaches every process."""
