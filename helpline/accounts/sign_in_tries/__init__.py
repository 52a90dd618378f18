"""Wrong passwords and codes: counted, slowed down, and of no use for locking others out."""
