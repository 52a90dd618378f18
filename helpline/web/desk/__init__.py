"""The advisor's desk: the queue, the callback in hand, what to do next."""
