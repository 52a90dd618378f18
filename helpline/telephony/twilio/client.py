"""Twilio's REST API through Twilio's own client; only the base address is a setting.

Creating a call has no idempotency key. So errors are classified by one question: was the call
surely not created (it may be retried), or may it have been (it is looked up, never created again)?
See docs/decisions/0005-look-up-never-dial-again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
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
from helpline.telephony.port import (
    AccountStatus,
    Balance,
    CarrierCall,
    CarrierError,
    CarrierNumber,
    CarrierSms,
    NumberRoutes,
    OutcomeUnknown,
    Rejected,
    RetryLater,
)
from helpline.telephony.problems import Fault, Problem, SmsProblem
from helpline.telephony.twilio import recordings
from helpline.telephony.twilio.codes import code_of, meaning_of, problem_of, sms_problem_of
from helpline.telephony.twilio.statuses import sms_status_of, status_of

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


@dataclass(frozen=True, slots=True)
class TwilioAccount:
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

    def __init__(self, account: TwilioAccount) -> None:
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


class TwilioCarrier:
    """The requests of ``port.Carrier``, to Twilio."""

    def __init__(self, account: TwilioAccount) -> None:
        http = _CarrierHttpClient(account)
        self._client = Client(account.account_sid, account.auth_token, http_client=http)
        if self._client.api.base_url != account.base_url:  # Twilio has a host for each of the two.
            self._client.voice.base_url = _voice_address(account.base_url)
        self._client.api.base_url = account.base_url
        self._http = http
        self._account_sid = account.account_sid
        self._caller_id = account.caller_id

    def create_call(
        self,
        number: str,
        *,
        answer_url: str,
        status_url: str,
        ring_seconds: int,
        max_seconds: int,
    ) -> str:
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

    def fetch_call(self, call_id: str) -> CarrierCall:
        with _converted_errors():
            try:
                return _call_of(self._client.calls(call_id).fetch())
            except TwilioException as error:
                if not _is_not_found(error):
                    raise
                return CarrierCall(call_id, CarrierStatus.COMPLETED, None)

    def fetch_legs(self, call_id: str) -> list[CarrierCall]:
        with _converted_errors():
            return [_call_of(c) for c in self._client.calls.list(parent_call_sid=call_id, limit=5)]

    def find_calls(self, number: str, *, since: datetime) -> list[CarrierCall]:
        with _converted_errors():
            calls = self._client.calls.list(to=number, limit=_LIST_LIMIT)
        outbound = (_call_of(c) for c in calls if c.direction == "outbound-api")
        return [call for call in outbound if call.created_at is None or call.created_at >= since]

    def hang_up(self, call_id: str) -> None:
        with _converted_errors():
            self._client.calls(call_id).update(status="completed")

    def cancel(self, call_id: str) -> None:
        with _converted_errors():
            self._client.calls(call_id).update(status="canceled")

    def send_sms(self, number: str, body: str, *, status_url: str) -> str:
        with _converted_errors(sms_problem_of):
            text = self._client.messages.create(
                to=number, from_=self._caller_id, body=body, status_callback=status_url
            )
        if not text.sid:
            raise OutcomeUnknown(Problem.UNSURE)
        return str(text.sid)

    def fetch_sms(self, sms_id: str) -> CarrierSms:
        with _converted_errors():
            return _sms_of(self._client.messages(sms_id).fetch())

    def find_sms(self, number: str, *, since: datetime) -> list[CarrierSms]:
        with _converted_errors():
            texts = self._client.messages.list(to=number, limit=_LIST_LIMIT)
        outbound = (_sms_of(message) for message in texts if message.direction == "outbound-api")
        return [sms for sms in outbound if sms.created_at is None or sms.created_at >= since]

    def fetch_account(self) -> AccountStatus:
        with _converted_errors():
            account = self._client.api.accounts(self._account_sid).fetch()
            if not account.status:
                raise OutcomeUnknown(Problem.UNSURE)
            return AccountStatus(str(account.status), str(account.type or ""))

    def fetch_balance(self) -> Balance:
        with _converted_errors():
            response = self._client.api.v2010.accounts(self._account_sid).balance.fetch()
            return Balance(Decimal(str(response.balance)), str(response.currency or ""))

    def may_call(self, region: str) -> bool:
        with _converted_errors():
            countries = self._client.voice.v1.dialing_permissions.countries
            allowed = countries(region).fetch().low_risk_numbers_enabled
            if allowed is None:
                raise OutcomeUnknown(Problem.UNSURE)
            return bool(allowed)

    def clock(self) -> datetime | None:
        try:
            time = parsedate_to_datetime(self._http.date_header or "")
        except ValueError:
            return None
        return time if time.tzinfo else time.replace(tzinfo=UTC)

    def fetch_number(self, number: str) -> CarrierNumber | None:
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
            id=str(resource.sid),
            voice=bool(capabilities.get("voice")),
            sms=bool(capabilities.get("sms")),
            routes=NumberRoutes(**routes),
        )

    def set_routes(self, number_id: str, routes: NumberRoutes) -> None:
        with _converted_errors():
            self._client.incoming_phone_numbers(number_id).update(**asdict(routes))

    def fetch_recording(self, recording_id: str) -> bytes:
        if not recordings.is_recording_sid(recording_id):
            raise Rejected(Problem.REFUSED)
        base = f"{self._client.api.base_url}/2010-04-01/Accounts/{self._account_sid}"
        try:
            return recordings.fetch(
                f"{base}/Recordings/{recording_id}.wav",
                self._http.credentials[0],
                timeout_seconds=self._http.timeout or 10,
                max_bytes=recordings.MAX_BYTES,
            )
        except recordings.TooLarge as error:
            raise Rejected(Problem.REFUSED) from error
        except requests.RequestException as error:
            raise RetryLater(Problem.UNREACHABLE) from error

    def delete_recording(self, recording_id: str) -> None:
        with _converted_errors():
            try:
                self._client.recordings(recording_id).delete()
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
    code = text.error_code
    problem = sms_problem_of(code) if code else None
    return CarrierSms(str(text.sid), str(text.body), status, created, code, problem)


@contextmanager
def _converted_errors(
    problem_of_code: Callable[[int | None], Problem | SmsProblem] = problem_of,
) -> Iterator[None]:
    """Convert errors of the client, by HTTP status.

    Twilio's client has three forms: TwilioRestException; TwilioServiceException, for RFC 9457
    bodies (https://www.rfc-editor.org/rfc/rfc9457.html); and, from ``list()``, a bare
    TwilioException that holds the response. A malformed body, such as ``null`` with a status of
    200, raises Python's own errors inside the client: the call may have been created.
    """
    try:
        yield
    except TwilioException as error:
        raise _error_of(*_status_and_code(error), problem_of_code) from error
    except requests.exceptions.ConnectTimeout as error:
        raise RetryLater(Problem.UNREACHABLE) from error
    except requests.exceptions.ConnectionError as error:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, NewConnectionError):
            raise RetryLater(Problem.UNREACHABLE) from error
        raise OutcomeUnknown(Problem.UNSURE) from error
    except (requests.exceptions.RequestException, *_PARSE_ERRORS) as error:
        raise OutcomeUnknown(Problem.UNSURE) from error


def _error_of(
    status: int | None,
    code: int | None,
    problem_of_code: Callable[[int | None], Problem | SmsProblem],
) -> CarrierError:
    if status is None or not 400 <= status < 500:
        return OutcomeUnknown(Problem.UNSURE, code)
    code = code_of(status, code)
    if status == _TOO_MANY_REQUESTS or meaning_of(code).fault == Fault.CARRIER_NOW:
        return RetryLater(Problem.BUSY, code)
    if status == _UNAUTHORIZED:
        return Rejected(Problem.CREDENTIALS, code)
    return Rejected(problem_of_code(code), code)


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
