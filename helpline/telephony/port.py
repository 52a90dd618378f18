"""What the service needs of a carrier. Each adapter, such as ``telephony.twilio``, offers it.

Creating a call has no idempotency key. So errors are classified by one question: was the call
surely not created (it may be retried), or may it have been (it is looked up, never created again)?
See docs/decisions/0005-look-up-never-dial-again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from helpline.domain.call_progress import CarrierStatus
from helpline.domain.errors import HelplineError
from helpline.domain.sms_progress import SmsStatus
from helpline.telephony.problems import Problem, SmsProblem


class CarrierError(HelplineError):
    """The request to the carrier failed.

    Args:
        problem: why; of a text message its own.
        code: the carrier's.
    """

    def __init__(self, problem: Problem | SmsProblem, code: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.code = code


class RetryLater(CarrierError):
    """Surely not done; may be retried later (429, or the carrier was not reached)."""


class Rejected(CarrierError):
    """Surely not done; a retry would not help."""


class OutcomeUnknown(CarrierError):
    """It may have been done (timeout, 5xx, connection lost): look it up, never repeat."""


@dataclass(frozen=True, slots=True)
class CarrierCall:
    """A call as the carrier reports it; ``status`` is None for one that we do not know."""

    id: str
    status: CarrierStatus | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class CarrierSms:
    """A text message as the carrier reports it.

    Args:
        error_code: the carrier's, if any.
        problem: what it means.
    """

    id: str
    body: str
    status: SmsStatus | None
    created_at: datetime | None
    error_code: int | None = None
    problem: SmsProblem | None = None


@dataclass(frozen=True, slots=True)
class NumberRoutes:
    """The webhook addresses and methods of a number.

    Fields are those of Twilio's IncomingPhoneNumber
    (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource). An application or
    a trunk, where set, replaces the addresses.
    """

    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    voice_application_sid: str = ""
    sms_application_sid: str = ""
    trunk_sid: str = ""


@dataclass(frozen=True, slots=True)
class CarrierNumber:
    """A number of the account with capabilities and routes."""

    id: str
    voice: bool
    sms: bool
    routes: NumberRoutes


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """The account in the carrier's terms: "active", "suspended" or "closed"; "Trial" or "Full"."""

    status: str
    kind: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of the account."""

    amount: Decimal
    currency: str


class Detection(StrEnum):
    """The result of the carrier's answering-machine detection."""

    PERSON = "person"
    MACHINE = "machine"
    UNSURE = "unsure"


class Carrier(Protocol):
    """The requests that the service makes. Each may raise any CarrierError."""

    def create_call(
        self, number: str, *, answer_url: str, status_url: str, ring_seconds: int, max_seconds: int
    ) -> str:
        """Create a call and return the carrier's id; its instructions come from ``answer_url``."""

    def fetch_call(self, call_id: str) -> CarrierCall:
        """Fetch a call. One that the carrier does not know has ended."""

    def fetch_legs(self, call_id: str) -> list[CarrierCall]:
        """Fetch the calls dialled within a call."""

    def find_calls(self, number: str, *, since: datetime) -> list[CarrierCall]:
        """Find our calls to a number since an instant, newest first."""

    def hang_up(self, call_id: str) -> None:
        """End a call, ringing or in progress. One that has ended already is an error."""

    def cancel(self, call_id: str) -> None:
        """Cancel a call that is queued or ringing; one in progress continues."""

    def send_sms(self, number: str, body: str, *, status_url: str) -> str:
        """Send a text message and return the carrier's id."""

    def fetch_sms(self, sms_id: str) -> CarrierSms:
        """Fetch a text message."""

    def find_sms(self, number: str, *, since: datetime) -> list[CarrierSms]:
        """Find our text messages to a number since an instant, newest first."""

    def fetch_recording(self, recording_id: str) -> bytes:
        """Fetch a recording as WAV; RetryLater while it is not ready."""

    def delete_recording(self, recording_id: str) -> None:
        """Delete a recording. Idempotent."""

    def fetch_account(self) -> AccountStatus:
        """Fetch the account; Rejected where the credentials are wrong."""

    def fetch_balance(self) -> Balance:
        """Fetch the balance of the account, where it has its own."""

    def may_call(self, region: str) -> bool:
        """Return whether the account's permissions allow calls to ordinary numbers of a region."""

    def fetch_number(self, number: str) -> CarrierNumber | None:
        """Fetch a number of the account; None when the account does not own it."""

    def set_routes(self, number_id: str, routes: NumberRoutes) -> None:
        """Set the webhooks of a number."""

    def clock(self) -> datetime | None:
        """Return the carrier's time, to the second, from its newest response."""
