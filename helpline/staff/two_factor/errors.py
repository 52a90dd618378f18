"""Errors of two-factor authentication."""

from helpline.domain.errors import HelplineError


class InvalidCode(HelplineError):
    """The code is wrong, expired or used."""


class InvalidPasskey(HelplineError):
    """The response is from another passkey, or to another challenge."""


class LastFactor(HelplineError):
    """The last factor cannot be removed where one is required."""


class TooManyInvalidCodes(InvalidCode):
    """The code was wrong and ended this sign-in; the password is asked for again."""
