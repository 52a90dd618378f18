"""Whose desk it is."""

from __future__ import annotations

from flask_login import current_user


def me() -> int:
    """Who is signed in."""
    return int(current_user.id)
