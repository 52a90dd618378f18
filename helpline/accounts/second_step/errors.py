"""Why a second step was not taken."""

from helpline.domain.errors import HelplineError


class WrongCode(HelplineError):
    """The code is wrong, too old, or was used."""


class WrongPasskey(HelplineError):
    """The answer is not one of their passkeys', or not to our question."""


class LastOne(HelplineError):
    """Without it they could not come in: add another first."""


class TooManyWrongCodes(WrongCode):
    """It was wrong, and ended this sign-in; the password has to be given again."""
