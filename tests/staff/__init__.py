"""People: who works, when, and how many can be promised a call."""
