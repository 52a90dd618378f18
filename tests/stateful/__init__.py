"""The whole service as a game: visitors, advisors, an admin, workers, the clock and the carrier."""
