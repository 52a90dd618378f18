"""What a simulated day is made of, and what it is held against."""
