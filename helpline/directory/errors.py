"""What can be in the way of changing a directory."""

from helpline.domain.errors import HelplineError


class NoSuchEntry(HelplineError):
    """It is not there, or was retired."""


class StaleVersion(HelplineError):
    """Another admin changed the entry after this one opened it."""


class NoSource(HelplineError):
    """Nobody could check an entry that does not say where it was found."""
