"""Staff: accounts, roles, presence and sign-in."""
