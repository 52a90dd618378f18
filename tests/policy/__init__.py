"""What an admin decides: the rows of the policy, and their checks."""
