"""What can be said of how the service does. Nothing is changed here but its own count of days."""
