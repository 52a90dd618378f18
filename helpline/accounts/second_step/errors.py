"""Errors of two-factor authentication."""

from helpline.domain.errors import HelplineError


class WrongCode(HelplineError):
    """The code is wrong, expired or used."""


class WrongPasskey(HelplineError):
    """The response is from another passkey, or to another challenge."""


class LastOne(HelplineError):
    """The last factor cannot be removed where one is required."""


class TooManyWrongCodes(WrongCode):
    """The code was wrong and ended this sign-in; the password is asked for again."""
