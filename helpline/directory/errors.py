"""Errors of changes to a directory."""

from helpline.domain.errors import HelplineError


class NoSuchEntry(HelplineError):
    """The entry does not exist or is retired."""


class NoSource(HelplineError):
    """An entry must name its source, so that it can be verified."""
