"""What is turned away, and what is not."""
