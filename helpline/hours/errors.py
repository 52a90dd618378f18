"""Errors of changing the hours."""

from __future__ import annotations

from helpline.domain.errors import HelplineError


class SavedMeanwhile(HelplineError):
    """Another admin saved in between."""
