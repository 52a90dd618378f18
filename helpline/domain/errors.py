"""The base class of all errors, and the errors of the domain rules."""

from __future__ import annotations

from enum import StrEnum


class HelplineError(Exception):
    """An error to be shown to a person. Every package derives its own."""


class DomainError(HelplineError):
    """A rule of the service does not allow this."""


class InvalidHours(DomainError):
    """Opening hours that are not possible.

    Args:
        message_key: what is wrong, in English; also the message id of its translation.
        day: the weekday concerned, 0 for Monday to 6 for Sunday; None for no single day.
    """

    def __init__(self, message_key: str, day: int | None = None) -> None:
        super().__init__(message_key, day)
        self.message_key = message_key
        self.day = day

    def __str__(self) -> str:
        return self.message_key


class InvalidPolicy(DomainError):
    """A policy value out of its bounds.

    Args:
        field: the policy's field.
        message_key: what is wrong, in English; also the message id of its translation.
    """

    def __init__(self, field: str, message_key: str) -> None:
        super().__init__(field, message_key)
        self.field = field
        self.message_key = message_key

    def __str__(self) -> str:
        return f"{self.field}: {self.message_key}"


class PhoneProblem(StrEnum):
    """Why a phone number cannot be called."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    REGION_NOT_ALLOWED = "region_not_allowed"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    CANNOT_BE_CALLED = "cannot_be_called"
    OWN_NUMBER = "own_number"
    OTHER_SERVICE = "other_service"
    EMERGENCY = "emergency"
    SHORT_NUMBER = "short_number"
    EXTENSION = "extension"
    NOT_VALID = "not_valid"


class InvalidPhoneNumber(DomainError):
    """A phone number that may not or cannot be called. It never carries the number itself."""

    def __init__(self, reason: PhoneProblem) -> None:
        super().__init__(reason)
        self.reason = reason
