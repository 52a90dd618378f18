"""Calls: attempts, what the carrier reports of them, and their outcome."""
