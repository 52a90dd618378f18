"""The service directory, and visitors' referrals to it."""
