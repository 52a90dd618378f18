"""Twilio's REST API through Twilio's own client; only the base address is a setting.

Creating a call has no idempotency key. So errors are classified by one question: was the call
surely not created (it may be retried), or may it have been (it is looked up, never created again)?
See docs/decisions/0005-look-up-never-dial-again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.rest.api.v2010.account.message import MessageInstance
from urllib3.exceptions import NewConnectionError

from helpline.domain.call_progress import CarrierStatus
from helpline.domain.errors import HelplineError
from helpline.domain.sms_progress import SmsStatus
from helpline.telephony import recordings
from helpline.telephony.carrier_codes import Fault, code_of, meaning_of
from helpline.telephony.sms_status_map import sms_status_of
from helpline.telephony.status_map import Problem, problem_of, status_of

# The client logs whole requests, phone numbers included; nobody is to read those.
_SILENT_LOGGER = logging.Logger("twilio", level=logging.CRITICAL + 1)

_UNAUTHORIZED = 401
_TOO_MANY_REQUESTS = 429
_NOT_FOUND = 404
_UNKNOWN_CALL = 20404
_LIST_LIMIT = 20
_PARSE_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# That it was answered, the question for instructions tells. That a call begins says nothing yet.
_ADVISOR_STATUS_EVENTS = ["ringing", "completed"]


class CarrierError(HelplineError):
    """The carrier's request failed; ``problem`` is the reason."""

    def __init__(self, problem: Problem, code: int | None = None) -> None:
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
    """A call as the carrier reports it."""

    sid: str
    status: CarrierStatus | None
    created_at: datetime | None


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

    sid: str
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


@dataclass(frozen=True, slots=True)
class CarrierSms:
    """A text message as the carrier reports it."""

    sid: str
    words: str
    status: SmsStatus | None
    created_at: datetime | None
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """Credentials and addresses of the account.

    Args:
        secondary_auth_token: the other token during a rotation; empty for none.
    """

    account_sid: str
    auth_token: str
    base_url: str
    caller_id: str
    timeout_seconds: float
    secondary_auth_token: str = ""


class _CarrierHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's HTTP client, with token rotation and the carrier's clock.

    A token becomes invalid when the other one is promoted
    (https://www.twilio.com/docs/iam/api/authtoken). A request rejected for its credentials was not
    executed, so it is repeated once with the other token, which is then used first.

    Each request has its own connection. On a kept-alive connection that died, creating a call would
    fail without telling whether it was executed; RFC 9112 section 9.3.1 lets clients retry only
    idempotent requests.
    """

    date_header: str | None = None

    def __init__(self, account: CarrierAccount) -> None:
        super().__init__(
            pool_connections=False, timeout=account.timeout_seconds, logger=_SILENT_LOGGER
        )
        tokens = (account.auth_token, account.secondary_auth_token)
        self.credentials = [(account.account_sid, token) for token in tokens if token]

    def request(self, *args: Any, **kwargs: Any) -> Any:
        for credentials in list(self.credentials):
            kwargs["auth"] = credentials
            response = super().request(*args, **kwargs)
            if response.status_code != requests.codes.unauthorized:
                self.credentials.sort(key=lambda each: each != credentials)
                break
        self.date_header = (response.headers or {}).get("Date")
        return response


class Carrier:
    """Creates, looks up and ends calls; sends text messages."""

    def __init__(self, account: CarrierAccount) -> None:
        http = _CarrierHttpClient(account)
        self._client = Client(account.account_sid, account.auth_token, http_client=http)
        if self._client.api.base_url != account.base_url:  # Twilio has a host for each of the two.
            self._client.voice.base_url = _voice_address(account.base_url)
        self._client.api.base_url = account.base_url
        self._http = http
        self._account_sid = account.account_sid
        self._caller_id = account.caller_id

    def ring(
        self,
        number: str,
        *,
        answer_url: str,
        status_url: str,
        ring_seconds: int,
        max_seconds: int,
    ) -> str:
        """Create a call and return the carrier's id; its instructions come from ``answer_url``.

        Raises:
            RetryLater, Rejected, OutcomeUnknown: as documented there.
        """
        with _converted_errors():
            call = self._client.calls.create(
                to=number,
                from_=self._caller_id,
                url=answer_url,
                method="POST",
                status_callback=status_url,
                status_callback_method="POST",
                status_callback_event=_ADVISOR_STATUS_EVENTS,
                timeout=ring_seconds,
                time_limit=max_seconds,
            )
        if not call.sid:
            raise OutcomeUnknown(Problem.UNSURE)
        return str(call.sid)

    def look(self, sid: str) -> CarrierCall:
        """Fetch a call. An unknown one has ended.

        Raises:
            CarrierError: the request failed.
        """
        with _converted_errors():
            try:
                return _call_of(self._client.calls(sid).fetch())
            except TwilioException as error:
                if not _is_not_found(error):
                    raise
                return CarrierCall(sid, CarrierStatus.COMPLETED, None)

    def children(self, sid: str) -> list[CarrierCall]:
        """Fetch the calls dialled within a call, or raise CarrierError."""
        with _converted_errors():
            return [_call_of(c) for c in self._client.calls.list(parent_call_sid=sid, limit=5)]

    def find(self, number: str, *, since: datetime) -> list[CarrierCall]:
        """Find our calls to a number since an instant, newest first, or raise CarrierError."""
        with _converted_errors():
            calls = self._client.calls.list(to=number, limit=_LIST_LIMIT)
        outbound = (_call_of(c) for c in calls if c.direction == "outbound-api")
        return [call for call in outbound if call.created_at is None or call.created_at >= since]

    def end(self, sid: str) -> None:
        """End a call, ringing or in progress; raise CarrierError if that failed or it has ended."""
        with _converted_errors():
            self._client.calls(sid).update(status="completed")

    def take_back(self, sid: str) -> None:
        """Cancel a call that is queued or ringing, or raise CarrierError; one in progress
        continues.
        """
        with _converted_errors():
            self._client.calls(sid).update(status="canceled")

    def send_text(self, number: str, body: str, *, status_url: str) -> str:
        """Send a text message and return the carrier's id.

        Raises:
            RetryLater, Rejected, OutcomeUnknown: as documented there.
        """
        with _converted_errors():
            text = self._client.messages.create(
                to=number, from_=self._caller_id, body=body, status_callback=status_url
            )
        if not text.sid:
            raise OutcomeUnknown(Problem.UNSURE)
        return str(text.sid)

    def look_at_text(self, sid: str) -> CarrierSms:
        """Fetch a text message, or raise CarrierError."""
        with _converted_errors():
            return _sms_of(self._client.messages(sid).fetch())

    def find_texts(self, number: str, *, since: datetime) -> list[CarrierSms]:
        """Find our text messages to a number, newest first, or raise CarrierError."""
        with _converted_errors():
            texts = self._client.messages.list(to=number, limit=_LIST_LIMIT)
        outbound = (_sms_of(message) for message in texts if message.direction == "outbound-api")
        return [sms for sms in outbound if sms.created_at is None or sms.created_at >= since]

    def account(self) -> AccountStatus:
        """Fetch the account.

        Raises:
            CarrierError: the request failed, or the credentials are wrong.
        """
        with _converted_errors():
            account = self._client.api.accounts(self._account_sid).fetch()
            if not account.status:
                raise OutcomeUnknown(Problem.UNSURE)
            return AccountStatus(str(account.status), str(account.type or ""))

    def balance(self) -> Balance:
        """Fetch the balance, or raise CarrierError. A subaccount has none of its own."""
        with _converted_errors():
            response = self._client.api.v2010.accounts(self._account_sid).balance.fetch()
            return Balance(Decimal(str(response.balance)), str(response.currency or ""))

    def may_ring(self, region: str) -> bool:
        """Return whether the account's permissions allow calls to ordinary numbers of a region.

        Raises:
            CarrierError: the request failed.
        """
        with _converted_errors():
            countries = self._client.voice.v1.dialing_permissions.countries
            allowed = countries(region).fetch().low_risk_numbers_enabled
            if allowed is None:
                raise OutcomeUnknown(Problem.UNSURE)
            return bool(allowed)

    def clock(self) -> datetime | None:
        """Return the carrier's time, to the second, from its newest response."""
        try:
            time = parsedate_to_datetime(self._http.date_header or "")
        except ValueError:
            return None
        return time if time.tzinfo else time.replace(tzinfo=UTC)

    def number(self, number: str) -> CarrierNumber | None:
        """Fetch a number of the account; None when the account does not own it.

        Raises:
            CarrierError: the request failed.
        """
        with _converted_errors():
            numbers = self._client.incoming_phone_numbers.list(phone_number=number, limit=5)
        resource = next((item for item in numbers if item.phone_number == number), None)
        if resource is None:
            return None
        capabilities = cast("dict[str, bool]", resource.capabilities or {})
        routes = {
            item.name: str(getattr(resource, item.name) or "") for item in fields(NumberRoutes)
        }
        return CarrierNumber(
            sid=str(resource.sid),
            voice=bool(capabilities.get("voice")),
            sms=bool(capabilities.get("sms")),
            routes=NumberRoutes(**routes),
        )

    def set_routes(self, sid: str, routes: NumberRoutes) -> None:
        """Set the webhooks of a number by the carrier's id of it, or raise CarrierError."""
        with _converted_errors():
            self._client.incoming_phone_numbers(sid).update(**asdict(routes))

    def recording(self, sid: str) -> bytes:
        """Fetch a recording as WAV; safe to retry, since it may not be ready yet.

        Raises:
            RetryLater: it is not available.
            Rejected: it is too large, or the id is invalid.
        """
        if not recordings.is_recording_sid(sid):
            raise Rejected(Problem.REFUSED)
        base = f"{self._client.api.base_url}/2010-04-01/Accounts/{self._account_sid}"
        try:
            return recordings.fetch(
                f"{base}/Recordings/{sid}.wav",
                self._http.credentials[0],
                timeout_seconds=self._http.timeout or 10,
                max_bytes=recordings.MAX_BYTES,
            )
        except recordings.TooLarge as error:
            raise Rejected(Problem.REFUSED) from error
        except requests.RequestException as error:
            raise RetryLater(Problem.UNREACHABLE) from error

    def delete_recording(self, sid: str) -> None:
        """Delete a recording at the carrier. Idempotent.

        Raises:
            CarrierError: the request failed.
        """
        with _converted_errors():
            try:
                self._client.recordings(sid).delete()
            except TwilioException as error:
                if _status_and_code(error)[0] != _NOT_FOUND:
                    raise


def _voice_address(api_address: str) -> str:
    """Twilio has a host for each product and region; a simulated carrier has one for all.

    https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region
    """
    host = urlsplit(api_address).hostname or ""
    if host.endswith(".twilio.com"):
        return api_address.replace("//api.", "//voice.", 1)
    return api_address


def _call_of(call: CallInstance) -> CarrierCall:
    if not call.sid:
        raise OutcomeUnknown(Problem.UNSURE)
    created = call.date_created
    if created is not None and created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    return CarrierCall(str(call.sid), status_of(str(call.status)), created)


def _sms_of(text: MessageInstance) -> CarrierSms:
    if not text.sid:
        raise OutcomeUnknown(Problem.UNSURE)
    created = text.date_created
    if created is not None and created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    status = sms_status_of(str(text.status))
    return CarrierSms(str(text.sid), str(text.body), status, created, text.error_code)


@contextmanager
def _converted_errors() -> Iterator[None]:
    """Convert errors of the client, by HTTP status.

    Twilio's client has three forms: TwilioRestException; TwilioServiceException, for RFC 9457
    bodies (https://www.rfc-editor.org/rfc/rfc9457.html); and, from ``list()``, a bare
    TwilioException that holds the response. A malformed body, such as ``null`` with a status of
    200, raises Python's own errors inside the client: the call may have been created.
    """
    try:
        yield
    except TwilioException as error:
        raise _error_of(*_status_and_code(error)) from error
    except requests.exceptions.ConnectTimeout as error:
        raise RetryLater(Problem.UNREACHABLE) from error
    except requests.exceptions.ConnectionError as error:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, NewConnectionError):
            raise RetryLater(Problem.UNREACHABLE) from error
        raise OutcomeUnknown(Problem.UNSURE) from error
    except (requests.exceptions.RequestException, *_PARSE_ERRORS) as error:
        raise OutcomeUnknown(Problem.UNSURE) from error


def _error_of(status: int | None, code: int | None) -> CarrierError:
    if status is None or not 400 <= status < 500:
        return OutcomeUnknown(Problem.UNSURE, code)
    code = code_of(status, code)
    if status == _TOO_MANY_REQUESTS or meaning_of(code).fault == Fault.CARRIER_NOW:
        return RetryLater(Problem.BUSY, code)
    if status == _UNAUTHORIZED:
        return Rejected(Problem.CREDENTIALS, code)
    return Rejected(problem_of(code), code)


def _status_and_code(error: TwilioException) -> tuple[int | None, int | None]:
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _int_or_none(error.status), _int_or_none(error.code)
    response = next((argument for argument in error.args if hasattr(argument, "status_code")), None)
    if response is None:
        return None, None
    try:
        body = json.loads(response.text)
    except ValueError:
        body = None
    code = body.get("code") if isinstance(body, dict) else None
    return _int_or_none(response.status_code), _int_or_none(code)


def _int_or_none(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _is_not_found(error: TwilioException) -> bool:
    """A 404 without the carrier's code may come from a proxy or a wrong address."""
    status, code = _status_and_code(error)
    by_carrier = code == _UNKNOWN_CALL or isinstance(error, TwilioServiceException)
    return status == _NOT_FOUND and by_carrier
