"""Other people's websites that may carry our panel and ask our API."""
