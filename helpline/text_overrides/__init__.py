"""Text overrides: texts for visitors changed by admins, and their publication."""
