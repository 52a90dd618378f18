"""What can stand in the way of a change to staff or the rota."""

from __future__ import annotations

from helpline.domain.errors import HelplineError


class SavedMeanwhile(HelplineError):
    """Another admin saved after this one opened the page; nothing was changed."""


class AlreadyOff(HelplineError):
    """That date is a day off already."""


class EmailTaken(HelplineError):
    """Somebody signs in with this address already."""


class PhoneTaken(HelplineError):
    """An active member of staff has this phone already."""


class UnknownRole(HelplineError):
    """There is no such role."""


class LastAdmin(HelplineError):
    """Nobody else could set anything any more; nothing was changed."""


class InvitationOver(HelplineError):
    """The invitation was used, taken back, has run out, or never was."""


class PasswordLinkOver(HelplineError):
    """The link for a new password was used, replaced, has run out, or never was."""
