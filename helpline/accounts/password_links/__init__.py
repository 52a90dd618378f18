"""Links by which a member of staff chooses a new password, made by an admin."""
