"""Errors of calls."""

from __future__ import annotations

from helpline.domain.errors import HelplineError


class AdvisorHasNoPhone(HelplineError):
    """The advisor has no phone number."""


class PreviousCallActive(HelplineError):
    """The advisor's previous call is still ending."""


class CallInProgress(HelplineError):
    """The call has not ended, so there is no outcome yet."""


class CorrectionRefused(HelplineError):
    """Something has followed from the saved outcome, or the shift is over.

    Args:
        reason: an ``Obstacle``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoSuchAttempt(HelplineError):
    """The carrier reports on an unknown attempt."""


class NoSuchColleague(HelplineError):
    """There is no such advisor."""


class NotReached(HelplineError):
    """The visitor was not reached, so they cannot have agreed to a further call."""


class EarlierNotAgreed(HelplineError):
    """The new time is earlier, and the visitor did not ask for it."""


class NumberUnreadable(HelplineError):
    """No key decrypts the visitor's number."""


class EmergencyNotDescribed(HelplineError):
    """The advisor marked or chose an emergency and has not written what was done."""


class DraftChanged(HelplineError):
    """A newer draft was saved in another window; the error carries it."""

    def __init__(self, version: int, notes: str, transfer_note: str, risk_note: str) -> None:
        super().__init__("a newer draft was saved")
        self.version = version
        self.notes = notes
        self.transfer_note = transfer_note
        self.risk_note = risk_note
