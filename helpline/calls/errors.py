"""What can stand in the way of a call."""

from __future__ import annotations

from helpline.domain.errors import HelplineError


class NoCarrier(HelplineError):
    """Calls are not made by a carrier here: the advisor rings from their own phone."""


class AdvisorHasNoPhone(HelplineError):
    """The advisor's phone number is not set, so their phone cannot be rung."""


class EarlierCallStillOn(HelplineError):
    """The advisor's last call is still ending; they can begin another in a moment."""


class CallStillOn(HelplineError):
    """The call is not over yet, so nobody can say what came of it."""


class NoSuchAttempt(HelplineError):
    """The carrier speaks of an attempt that we do not know."""


class NoSuchColleague(HelplineError):
    """Nobody else of that name takes callbacks."""


class NotReached(HelplineError):
    """The visitor was not reached, so they cannot have agreed to a further call."""


class NumberUnreadable(HelplineError):
    """No key opens the visitor's number, so nobody can be called."""


class DraftChanged(HelplineError):
    """A newer draft was saved in another window. It carries what that one says."""

    def __init__(self, version: int, notes: str, transfer_note: str) -> None:
        super().__init__("a newer draft was saved")
        self.version = version
        self.notes = notes
        self.transfer_note = transfer_note
