"""Wrong passwords: counted, and slowed down for whoever guesses."""
