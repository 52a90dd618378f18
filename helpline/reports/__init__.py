"""What can be said of how the service does: queries only, nothing is changed here."""
