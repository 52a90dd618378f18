"""Sign-in pages, and each person's own sign-in settings."""

from helpline.web.auth import account, new_password, password, two_factor, two_factor_setup
from helpline.web.auth.blueprint import auth_pages

__all__ = ["account", "auth_pages", "new_password", "password", "two_factor", "two_factor_setup"]
