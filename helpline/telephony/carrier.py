"""Twilio's REST API through Twilio's own client. The base address is a setting, nothing else.

Creating a call has no idempotency key. So an error is sorted by the one question that matters:
was the call surely not made (it may be asked for again), or may it have been made (it is settled
by looking, never by asking again)?
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
from helpline.domain.text_progress import TextStatus
from helpline.telephony import recordings
from helpline.telephony.carrier_codes import Fault, code_of, meaning_of
from helpline.telephony.text_words import text_status_of
from helpline.telephony.words import Problem, problem_of, status_of

# The client logs whole requests, phone numbers included; nobody is to read those.
_SILENT = logging.Logger("twilio", level=logging.CRITICAL + 1)

_UNAUTHORIZED = 401
_TOO_MANY = 429
_NOT_FOUND = 404
_UNKNOWN_CALL = 20404
_LIST_LIMIT = 20
_NOT_UNDERSTOOD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# That it was answered, the question for instructions tells. That a call begins says nothing yet.
_TOLD_OF_ADVISOR = ["ringing", "completed"]


class CarrierError(HelplineError):
    """The carrier did not do what it was asked; ``problem`` says it in our words."""

    def __init__(self, problem: Problem, code: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.code = code


class NotNow(CarrierError):
    """Surely not done; may be asked for again later (429, or the carrier was not reached)."""


class Refused(CarrierError):
    """Surely not done, and asking again would not help."""


class Unsure(CarrierError):
    """It may have been done (time-out, 5xx, cut off): look, never ask again."""


@dataclass(frozen=True, slots=True)
class SeenCall:
    """A call as the carrier knows it."""

    sid: str
    status: CarrierStatus | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class NumberRoutes:
    """Where the carrier sends what comes to a number: the addresses and methods set there.

    Field names are those of Twilio's IncomingPhoneNumber
    (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource). An application or
    a trunk, where one is set, is used instead of the addresses.
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
class SeenNumber:
    """A number of the account, what it can do, and where what comes to it goes."""

    sid: str
    voice: bool
    sms: bool
    routes: NumberRoutes


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """The account in the carrier's words: "active", "suspended" or "closed"; "Trial" or "Full"."""

    status: str
    kind: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left in the account."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class SeenText:
    """A text as the carrier knows it."""

    sid: str
    words: str
    status: TextStatus | None
    created_at: datetime | None
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """What it takes to speak to the carrier.

    Args:
        secondary_auth_token: the account's other token while it is being changed; empty: none.
    """

    account_sid: str
    auth_token: str
    base_url: str
    caller_id: str
    timeout_seconds: float
    secondary_auth_token: str = ""


class _DatedHttp(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's own HTTP client, which keeps the carrier's time of the newest answer.

    A token stops working at the moment when the other one is promoted
    (https://www.twilio.com/docs/iam/api/authtoken). What is refused for its credentials was not
    done, so it is asked for once more with the other token, which is then used first.

    Each request has a connection of its own. On one that was kept alive and has died meanwhile, a
    request to create a call ends in an error that does not say whether the call was made; RFC 9112
    section 9.3.1 has clients retry only what is idempotent, which creating a call is not.
    """

    told_at: str | None = None

    def __init__(self, account: CarrierAccount) -> None:
        super().__init__(pool_connections=False, timeout=account.timeout_seconds, logger=_SILENT)
        tokens = (account.auth_token, account.secondary_auth_token)
        self.credentials = [(account.account_sid, token) for token in tokens if token]

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """One request."""
        for credentials in list(self.credentials):
            kwargs["auth"] = credentials
            response = super().request(*args, **kwargs)
            if response.status_code != requests.codes.unauthorized:
                self.credentials.sort(key=lambda each: each != credentials)
                break
        self.told_at = (response.headers or {}).get("Date")
        return response


class Carrier:
    """Makes, looks up and ends calls; sends texts."""

    def __init__(self, account: CarrierAccount) -> None:
        http = _DatedHttp(account)
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
        longest_seconds: int,
    ) -> str:
        """Asks the carrier to ring a phone; what it hears comes from ``answer_url``.

        Returns:
            The carrier's id of the call.

        Raises:
            NotNow, Refused, Unsure: see there.
        """
        with _sorted_errors():
            call = self._client.calls.create(
                to=number,
                from_=self._caller_id,
                url=answer_url,
                method="POST",
                status_callback=status_url,
                status_callback_method="POST",
                status_callback_event=_TOLD_OF_ADVISOR,
                timeout=ring_seconds,
                time_limit=longest_seconds,
            )
        if not call.sid:
            raise Unsure(Problem.UNSURE)
        return str(call.sid)

    def look(self, sid: str) -> SeenCall:
        """What the carrier says of a call now. One that it does not know any more is over.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            try:
                return _seen(self._client.calls(sid).fetch())
            except TwilioException as error:
                if not _is_unknown_there(error):
                    raise
                return SeenCall(sid, CarrierStatus.COMPLETED, None)

    def children(self, sid: str) -> list[SeenCall]:
        """The calls that were dialled from within a call.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            return [_seen(c) for c in self._client.calls.list(parent_call_sid=sid, limit=5)]

    def find(self, number: str, *, since: datetime) -> list[SeenCall]:
        """The calls we asked for to a number since an instant, newest first.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            calls = self._client.calls.list(to=number, limit=_LIST_LIMIT)
        mine = (_seen(c) for c in calls if c.direction == "outbound-api")
        return [seen for seen in mine if seen.created_at is None or seen.created_at >= since]

    def end(self, sid: str) -> None:
        """Ends a call, whether it is still ringing or in progress.

        Raises:
            CarrierError: it could not be asked, or is over already.
        """
        with _sorted_errors():
            self._client.calls(sid).update(status="completed")

    def take_back(self, sid: str) -> None:
        """Ends a call that is queued or rings; one in progress goes on.

        Raises:
            CarrierError: it could not be asked, or is over already.
        """
        with _sorted_errors():
            self._client.calls(sid).update(status="canceled")

    def send_text(self, number: str, words: str, *, status_url: str) -> str:
        """Asks the carrier to send a text.

        Returns:
            The carrier's id of the text.

        Raises:
            NotNow, Refused, Unsure: see there.
        """
        with _sorted_errors():
            text = self._client.messages.create(
                to=number, from_=self._caller_id, body=words, status_callback=status_url
            )
        if not text.sid:
            raise Unsure(Problem.UNSURE)
        return str(text.sid)

    def look_at_text(self, sid: str) -> SeenText:
        """What the carrier says of a text now.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            return _seen_text(self._client.messages(sid).fetch())

    def find_texts(self, number: str, *, since: datetime) -> list[SeenText]:
        """The texts we asked for to a number since an instant, newest first.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            texts = self._client.messages.list(to=number, limit=_LIST_LIMIT)
        mine = (_seen_text(each) for each in texts if each.direction == "outbound-api")
        return [seen for seen in mine if seen.created_at is None or seen.created_at >= since]

    def account(self) -> SeenAccount:
        """How the account stands.

        Raises:
            CarrierError: it could not be asked, or does not accept the credentials.
        """
        with _sorted_errors():
            account = self._client.api.accounts(self._account_sid).fetch()
            if not account.status:
                raise Unsure(Problem.UNSURE)
            return SeenAccount(str(account.status), str(account.type or ""))

    def balance(self) -> Balance:
        """What is left in the account. An account below another has no balance of its own.

        Raises:
            CarrierError: it could not be asked, or says none.
        """
        with _sorted_errors():
            found = self._client.api.v2010.accounts(self._account_sid).balance.fetch()
            return Balance(Decimal(str(found.balance)), str(found.currency or ""))

    def may_ring(self, region: str) -> bool:
        """Whether the account may ring usual numbers of a region, by its own settings.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            countries = self._client.voice.v1.dialing_permissions.countries
            allowed = countries(region).fetch().low_risk_numbers_enabled
            if allowed is None:
                raise Unsure(Problem.UNSURE)
            return bool(allowed)

    def clock(self) -> datetime | None:
        """The carrier's time, to the second, as its newest answer told it."""
        try:
            told = parsedate_to_datetime(self._http.told_at or "")
        except ValueError:
            return None
        return told if told.tzinfo else told.replace(tzinfo=UTC)

    def number(self, number: str) -> SeenNumber | None:
        """A number of the account and what it can do; None when the account does not own it.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            found = self._client.incoming_phone_numbers.list(phone_number=number, limit=5)
        own = next((each for each in found if each.phone_number == number), None)
        if own is None:
            return None
        able = cast("dict[str, bool]", own.capabilities or {})
        routes = {each.name: str(getattr(own, each.name) or "") for each in fields(NumberRoutes)}
        return SeenNumber(
            sid=str(own.sid),
            voice=bool(able.get("voice")),
            sms=bool(able.get("sms")),
            routes=NumberRoutes(**routes),
        )

    def set_routes(self, sid: str, routes: NumberRoutes) -> None:
        """Have what comes to a number sent to these addresses.

        Args:
            sid: the carrier's id of the number.

        Raises:
            CarrierError: it could not be asked, or refused.
        """
        with _sorted_errors():
            self._client.incoming_phone_numbers(sid).update(**asdict(routes))

    def recording(self, sid: str) -> bytes:
        """The sound of a recording, as WAV. Asking twice does no harm, so whatever goes wrong may
        be tried again: it may not be ready yet.

        Raises:
            NotNow: it could not be had.
            Refused: it is larger than any message, or the id is none.
        """
        if not recordings.is_name(sid):
            raise Refused(Problem.REFUSED)
        base = f"{self._client.api.base_url}/2010-04-01/Accounts/{self._account_sid}"
        try:
            return recordings.fetch(
                f"{base}/Recordings/{sid}.wav",
                self._http.credentials[0],
                timeout_seconds=self._http.timeout or 10,
                most_bytes=recordings.MOST_BYTES,
            )
        except recordings.TooLarge as error:
            raise Refused(Problem.REFUSED) from error
        except requests.RequestException as error:
            raise NotNow(Problem.UNREACHABLE) from error

    def delete_recording(self, sid: str) -> None:
        """Deletes a recording at the carrier; one that is not there any more is deleted.

        Raises:
            CarrierError: it could not be asked.
        """
        with _sorted_errors():
            try:
                self._client.recordings(sid).delete()
            except TwilioException as error:
                if _status_and_code(error)[0] != _NOT_FOUND:
                    raise


def _voice_address(api_address: str) -> str:
    """The base address of the API for dialling permissions, beside that of the calls: Twilio has a
    host for each product, in each region
    (https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region).
    A simulated network has one host for all.
    """
    host = urlsplit(api_address).hostname or ""
    if host.endswith(".twilio.com"):
        return api_address.replace("//api.", "//voice.", 1)
    return api_address


def _seen(call: CallInstance) -> SeenCall:
    if not call.sid:
        raise Unsure(Problem.UNSURE)
    created = call.date_created
    if created is not None and created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    return SeenCall(str(call.sid), status_of(str(call.status)), created)


def _seen_text(text: MessageInstance) -> SeenText:
    if not text.sid:
        raise Unsure(Problem.UNSURE)
    created = text.date_created
    if created is not None and created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    status = text_status_of(str(text.status))
    return SeenText(str(text.sid), str(text.body), status, created, text.error_code)


@contextmanager
def _sorted_errors() -> Iterator[None]:
    """Turns whatever the client raises into one of ours, by the HTTP status wherever it is carried.

    Twilio's client has three forms: TwilioRestException; TwilioServiceException, for bodies of
    RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457.html); and, from ``list()``, a bare
    TwilioException that holds the response. A body that has not the shape it should have, such as
    ``null`` with a status of 200, raises errors of Python's own inside the client: the call may
    have been made.
    """
    try:
        yield
    except TwilioException as error:
        raise _error_of(*_status_and_code(error)) from error
    except requests.exceptions.ConnectTimeout as error:
        raise NotNow(Problem.UNREACHABLE) from error
    except requests.exceptions.ConnectionError as error:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, NewConnectionError):
            raise NotNow(Problem.UNREACHABLE) from error
        raise Unsure(Problem.UNSURE) from error
    except (requests.exceptions.RequestException, *_NOT_UNDERSTOOD) as error:
        raise Unsure(Problem.UNSURE) from error


def _error_of(status: int | None, code: int | None) -> CarrierError:
    if status is None or not 400 <= status < 500:
        return Unsure(Problem.UNSURE, code)
    code = code_of(status, code)
    if status == _TOO_MANY or meaning_of(code).fault == Fault.CARRIER_NOW:
        return NotNow(Problem.BUSY, code)
    if status == _UNAUTHORIZED:
        return Refused(Problem.CREDENTIALS, code)
    return Refused(problem_of(code), code)


def _status_and_code(error: TwilioException) -> tuple[int | None, int | None]:
    """The HTTP status and Twilio's own code that an error carries, whatever its form."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _whole(error.status), _whole(error.code)
    response = next((each for each in error.args if hasattr(each, "status_code")), None)
    if response is None:
        return None, None
    try:
        body = json.loads(response.text)
    except ValueError:
        body = None
    code = body.get("code") if isinstance(body, dict) else None
    return _whole(response.status_code), _whole(code)


def _whole(value: object) -> int | None:
    """A status or a code as a number; None for what is none."""
    try:
        return int(str(value))
    except ValueError:
        return None


def _is_unknown_there(error: TwilioException) -> bool:
    """Whether the carrier itself says that it has no such thing. A 404 without its code may as well
    come from a proxy, or from a wrong address."""
    status, code = _status_and_code(error)
    by_carrier = code == _UNKNOWN_CALL or isinstance(error, TwilioServiceException)
    return status == _NOT_FOUND and by_carrier
