"""Offer due callbacks to advisors by telephone, in rounds."""
