"""The outbox: what is to be done in the outside world, written where it was decided."""
