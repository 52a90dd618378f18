"""Errors of changing the hours."""

from __future__ import annotations

from helpline.domain.errors import HelplineError


class StaleVersion(HelplineError):
    """Another admin saved in between."""
