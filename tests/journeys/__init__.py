"""The whole story, played over HTTP with the real processes."""
