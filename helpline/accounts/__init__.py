"""Staff: who they are, what they may do, and whether they are there just now."""
