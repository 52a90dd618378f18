"""Which roles need two-factor authentication."""

from __future__ import annotations

from collections.abc import Collection

PRIVILEGED_ROLES = frozenset({"admin", "supervisor"})


def is_required(rule: str, roles: Collection[str]) -> bool:
    """Return whether these roles need a second factor by a rule: "all", "admins" (and
    supervisors), "off".
    """
    return rule == "all" or (rule == "admins" and bool(PRIVILEGED_ROLES.intersection(roles)))
