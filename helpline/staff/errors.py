"""Errors of staff and rota changes; after each of them nothing was changed."""

from __future__ import annotations

from helpline.domain.errors import HelplineError


class AlreadyOff(HelplineError):
    """The date is already a day off."""


class EmailTaken(HelplineError):
    """Another account has this e-mail address."""


class PhoneTaken(HelplineError):
    """Another active member of staff has this phone."""


class UnknownRole(HelplineError):
    """There is no such role."""


class LastAdmin(HelplineError):
    """The last admin cannot be deactivated or lose the role."""


class InvitationInvalid(HelplineError):
    """The invitation was used, revoked, has expired, or never existed."""


class PasswordLinkInvalid(HelplineError):
    """The password link was used, replaced, has expired, or never existed."""
