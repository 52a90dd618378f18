"""The languages of the service."""
