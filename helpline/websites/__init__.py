"""Other websites that may embed the panel and use the API."""
