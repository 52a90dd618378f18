"""The queue: callbacks that are due, in order, and who has which in hand."""
