"""What the service needs of a carrier. The adapters, a package each, offer it.

``Carrier`` is what we ask of the carrier; ``Webhooks`` what it asks and reports; an ``Adapter`` has
both. An id is the carrier's own of a call, text message, recording or number, and opaque.

A carrier may answer the creation of a call with the id of the request alone, and name the call's
own id only in its webhooks. Both ids then work in every request of ``Carrier``. An event has the
other one in ``request_id``, and the stored id is replaced (calls/request_ids).

Creating a call has no idempotency key. So errors are classified by one question: was the call
surely not created (it may be retried), or may it have been (it is looked up, never created again)?
See docs/decisions/0005-look-up-never-dial-again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from config import Settings
from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.domain.errors import HelplineError
from helpline.domain.sms_progress import SmsStatus
from helpline.telephony.events import (
    CallerInput,
    CallStatus,
    DialEnded,
    InboundCall,
    InboundSms,
    KeyPressed,
    PhoneAnswered,
    SmsReport,
)
from helpline.telephony.flow import Flow
from helpline.telephony.problems import Meaning, Problem, SmsProblem


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
        body: None where the carrier does not tell.
        error_code: the carrier's, if any.
        problem: what it means.
    """

    id: str
    body: str | None
    status: SmsStatus | None
    created_at: datetime | None
    error_code: int | None = None
    problem: SmsProblem | None = None


@dataclass(frozen=True, slots=True)
class SmsRegistration:
    """How a text message is registered in a country that requires it (India: DLT).

    Args:
        sender: the registered sender, called header.
        entity_id: of the organisation.
        template_id: of the wording.
    """

    sender: str
    entity_id: str
    template_id: str


@dataclass(frozen=True, slots=True)
class Route:
    """An address that the carrier calls, and by which HTTP method."""

    url: str = ""
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class NumberRoutes:
    """Where the carrier sends what happens on a number.

    Args:
        call: an inbound call; ``call_fallback`` where our answer could not be used.
        call_status: its end.
        sms: an inbound text message; ``sms_fallback`` as for calls.
        calls_go_to: an application or trunk of the carrier that takes calls instead; empty for
            none. ``sms_goes_to``: as for calls.
        is_demo: whether calls still go to the carrier's demo, as on a newly bought number.
        has_sms_fallback: whether the carrier has such a route.
    """

    call: Route = Route()
    call_fallback: Route = Route()
    call_status: Route = Route()
    sms: Route = Route()
    sms_fallback: Route = Route()
    calls_go_to: str = ""
    sms_goes_to: str = ""
    is_demo: bool = False
    has_sms_fallback: bool = True


@dataclass(frozen=True, slots=True)
class CarrierNumber:
    """A number of the account with capabilities and routes.

    Args:
        is_registered: whether the identity of its user is accepted, as some countries demand; None
            where the carrier does not tell.
    """

    id: str
    voice: bool
    sms: bool
    routes: NumberRoutes
    is_registered: bool | None = None


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """The account; ``status`` in the carrier's word. On trial it reaches verified numbers only."""

    is_active: bool
    is_trial: bool
    status: str


@dataclass(frozen=True, slots=True)
class CarrierLimits:
    """What a carrier cannot do, whatever the account's settings (docs/carriers.md).

    Args:
        detects_machines: whether it can tell an answering machine from a person.
        locales: in which it speaks; None for any.
        domestic_only: regions whose numbers can call phones of the same region only.
        has_conferences: whether a third phone can enter a call.
    """

    detects_machines: bool = True
    has_conferences: bool = True
    locales: frozenset[str] | None = None
    domestic_only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of the account."""

    amount: Decimal
    currency: str


class Carrier(Protocol):
    """The requests that the service makes. Each may raise any CarrierError."""

    @property
    def caller_id(self) -> str:
        """The number (E.164) that phones show where a region has none of its own."""

    @property
    def limits(self) -> CarrierLimits:
        """What it cannot do."""

    @property
    def retired_url(self) -> str:
        """The address of the carrier's API, where it was retired; empty otherwise."""

    def create_call(
        self, number: str, *, answer_url: str, status_url: str, ring_seconds: int, max_seconds: int
    ) -> str:
        """Create a call and return the carrier's id of it or of the request; its instructions come
        from ``answer_url``.
        """

    def fetch_call(self, call_id: str) -> CarrierCall:
        """Fetch a call. One that the carrier does not know has ended."""

    def fetch_legs(self, call_id: str) -> list[CarrierCall]:
        """Fetch the calls dialled within a call."""

    def find_calls(self, number: str, *, since: datetime) -> list[CarrierCall]:
        """Find our calls to a number since an instant, newest first."""

    def redirect(self, call_id: str, url: str) -> None:
        """Let a call in progress continue with the instructions of a URL."""

    def redirect_both(self, call_id: str, leg_id: str, *, url: str, leg_url: str) -> None:
        """Let a call and the one that it dialled, now connected, each continue with instructions of
        its own. The carrier may ask the Dial's ``ended_url`` in place of ``url``.
        """

    def hang_up(self, call_id: str) -> None:
        """End a call, ringing or in progress. One that has ended already is an error."""

    def cancel(self, call_id: str) -> None:
        """Cancel a call that is queued or ringing; one in progress continues."""

    def send_sms(
        self,
        number: str,
        body: str,
        *,
        status_url: str,
        registration: SmsRegistration | None = None,
    ) -> str:
        """Send a text message and return the carrier's id.

        Args:
            registration: for a country that requires it. A carrier that keeps it with the account
                ignores it.
        """

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

    def may_call(self, region: str) -> bool | None:
        """Return whether the account's permissions allow calls to ordinary numbers of a region;
        None where the carrier does not tell.
        """

    def fetch_number(self, number: str) -> CarrierNumber | None:
        """Fetch a number of the account; None when the account does not own it."""

    def set_routes(self, number_id: str, routes: NumberRoutes) -> None:
        """Set the webhooks of a number."""

    def clock(self) -> datetime | None:
        """Return the carrier's time, to the second, from its newest response."""


SMS_WEBHOOKS_PATH = "/webhooks/text"
"""What the addresses of all webhooks of text messages begin with, and no others: a carrier may sign
them less well.
"""

Form = Mapping[str, str]
"""The posted form of a webhook."""


class Webhooks(Protocol):
    """What the carrier asks and reports. Needs no account: without one, nothing is genuine."""

    content_type: str

    def is_genuine(self, url: str, form: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
        """Verify the signature of a webhook.

        Args:
            url: the whole public address as the carrier requested it.
            form: a parameter may have several values (``getlist``).
        """

    def sign(self, url: str, form: Form) -> list[dict[str, str]]:
        """Return the headers of a genuine webhook, once for each secret that may sign."""

    def render(self, flow: Flow) -> str:
        """Render the answer to a call's webhook."""

    def render_sms_reply(self, body: str | None, sms: InboundSms | None = None) -> str:
        """Render the answer to an inbound text message: one reply, or none.

        Args:
            sms: the message; None for a static answer to any, which not every carrier can use.
        """

    def phone_answered(self, form: Form) -> PhoneAnswered:
        """Read the request for instructions once a called phone was answered."""

    def key_pressed(self, form: Form) -> KeyPressed:
        """Read the answer of a called person."""

    def call_status(self, form: Form, leg: Leg) -> CallStatus | None:
        """Read a status; None for one that changes nothing."""

    def dial_ended(self, form: Form) -> DialEnded | None:
        """Read the end of a dialled call; None for a status that changes nothing."""

    def inbound_call(self, form: Form) -> InboundCall:
        """Read an inbound call."""

    def caller_input(self, form: Form) -> CallerInput:
        """Read a caller's keys, a recording's end, or the end of the call to an advisor."""

    def recording_ready(self, form: Form) -> CallerInput | None:
        """Read that a recording can be fetched; None for another report about it."""

    def inbound_sms(self, form: Form) -> InboundSms:
        """Read a text message."""

    def sms_report(self, form: Form) -> SmsReport | None:
        """Read the status of a text message; None for one that changes nothing."""

    def error_code(self, form: Form) -> int | None:
        """Return the carrier's error code, such as why it asks a fallback address."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A carrier that the service can speak to.

    Args:
        name: as it is stored, at most 16 characters.
        label: as people know it.
        package: what must be installed for it; also the name of the extra.
        is_configured: whether the settings have an account of it.
        secrets: those in the settings with which it may sign webhooks, with an account or without.
        calls_per_second: how many calls the account may start.
        legs_at_once: how many phones it may have ringing or talking; None for no limit.
        meaning_of: the meaning of an error code.
        region_codes: codes of calls that reject a whole region.
        bad_credentials: the code that stands for all codes of bad credentials.
        account_settings: the names of the settings with the account's id and token.
        base_url_setting: that with the address of its API.
        signature_header: of its webhooks.
        reports_ringing: whether it reports that a dialled phone rings, not only once it has rung.
    """

    name: str
    label: str
    package: str
    is_configured: Callable[[Settings], bool]
    secrets: Callable[[Settings], Sequence[str]]
    carrier: Callable[[Settings], Carrier]
    webhooks: Callable[[Settings], Webhooks]
    calls_per_second: Callable[[Settings], float]
    legs_at_once: Callable[[Settings], int | None]
    meaning_of: Callable[[int | None], Meaning]
    region_codes: frozenset[int]
    bad_credentials: int
    account_settings: str
    base_url_setting: str
    signature_header: str
    reports_ringing: bool = True
