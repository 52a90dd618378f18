"""The queue: due callbacks in order, and who has claimed which."""
