"""The hours as an admin changes them, and what becomes of who is booked."""
