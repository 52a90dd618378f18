"""Long runs that print a table: what holds under load and faults, and how fast it is."""
