"""Twilio's REST API through Twilio's own client; only the base address is a setting.

Creating a call has no idempotency key. So errors are classified by one question: was the call
surely not created (it may be retried), or may it have been (it is looked up, never created again)?
See docs/decisions/0005-look-up-never-dial-again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import (
    TwilioException,
)
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.rest.api.v2010.account.incoming_phone_number import IncomingPhoneNumberInstance
from twilio.rest.api.v2010.account.message import MessageInstance

from helpline.domain.call_progress import CarrierStatus
from helpline.telephony.port import (
    AccountStatus,
    Balance,
    CarrierCall,
    CarrierLimits,
    CarrierNumber,
    CarrierSms,
    NumberRoutes,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    Route,
    SmsRegistration,
)
from helpline.telephony.problems import Problem
from helpline.telephony.twilio import recordings
from helpline.telephony.twilio.codes import sms_problem_of
from helpline.telephony.twilio.errors import (
    NOT_FOUND,
    converted_errors,
    is_not_found,
    status_and_code,
)
from helpline.telephony.twilio.statuses import sms_status_of, status_of, time_of

# The client logs whole requests, phone numbers included; nobody is to read those.
_SILENT_LOGGER = logging.Logger("twilio", level=logging.CRITICAL + 1)

_LIST_LIMIT = 20
_DEMO_HOST = "demo.twilio.com"
"""Webhook host of a newly bought number (https://www.twilio.com/docs/voice/quickstart)."""
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

    limits = CarrierLimits()

    def __init__(self, account: TwilioAccount) -> None:
        http = _CarrierHttpClient(account)
        self._client = Client(account.account_sid, account.auth_token, http_client=http)
        if self._client.api.base_url != account.base_url:  # Twilio has a host for each of the two.
            self._client.voice.base_url = _voice_address(account.base_url)
        self._client.api.base_url = account.base_url
        self.retired_url = _retired_url(account.base_url)
        self._http = http
        self._account_sid = account.account_sid
        self.caller_id = account.caller_id

    def create_call(
        self,
        number: str,
        *,
        answer_url: str,
        status_url: str,
        ring_seconds: int,
        max_seconds: int,
    ) -> str:
        with converted_errors():
            call = self._client.calls.create(
                to=number,
                from_=self.caller_id,
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
        with converted_errors():
            try:
                return _call_of(self._client.calls(call_id).fetch())
            except TwilioException as error:
                if not is_not_found(error):
                    raise
                return CarrierCall(call_id, CarrierStatus.COMPLETED, None)

    def fetch_legs(self, call_id: str) -> list[CarrierCall]:
        with converted_errors():
            return [_call_of(c) for c in self._client.calls.list(parent_call_sid=call_id, limit=5)]

    def find_calls(self, number: str, *, since: datetime) -> list[CarrierCall]:
        with converted_errors():
            calls = self._client.calls.list(to=number, limit=_LIST_LIMIT)
        outbound = (_call_of(c) for c in calls if c.direction == "outbound-api")
        return [call for call in outbound if call.created_at is None or call.created_at >= since]

    def redirect(self, call_id: str, url: str) -> None:
        """https://www.twilio.com/docs/voice/tutorials/how-to-modify-calls-in-progress. A call that
        is over is refused (21220).
        """
        with converted_errors():
            self._client.calls(call_id).update(url=url, method="POST")

    def redirect_both(self, call_id: str, leg_id: str, *, url: str, leg_url: str) -> None:
        """Redirect the dialled call. The <Dial> of the other ends by that, and its action, which is
        requested then, decides how it continues
        (https://www.twilio.com/docs/voice/twiml/dial#action). Redirecting the other would end the
        dialled call.
        """
        self.redirect(leg_id, leg_url)

    def hang_up(self, call_id: str) -> None:
        with converted_errors():
            self._client.calls(call_id).update(status="completed")

    def cancel(self, call_id: str) -> None:
        with converted_errors():
            self._client.calls(call_id).update(status="canceled")

    def send_sms(
        self,
        number: str,
        body: str,
        *,
        status_url: str,
        registration: SmsRegistration | None = None,
    ) -> str:
        with converted_errors(sms_problem_of):
            text = self._client.messages.create(
                to=number, from_=self.caller_id, body=body, status_callback=status_url
            )
        if not text.sid:
            raise OutcomeUnknown(Problem.UNSURE)
        return str(text.sid)

    def fetch_sms(self, sms_id: str) -> CarrierSms:
        with converted_errors():
            return _sms_of(self._client.messages(sms_id).fetch())

    def find_sms(self, number: str, *, since: datetime) -> list[CarrierSms]:
        with converted_errors():
            texts = self._client.messages.list(to=number, limit=_LIST_LIMIT)
        outbound = (_sms_of(message) for message in texts if message.direction == "outbound-api")
        return [sms for sms in outbound if sms.created_at is None or sms.created_at >= since]

    def fetch_account(self) -> AccountStatus:
        with converted_errors():
            account = self._client.api.accounts(self._account_sid).fetch()
            if not account.status:
                raise OutcomeUnknown(Problem.UNSURE)
            status = str(account.status)
            return AccountStatus(status == "active", account.type == "Trial", status)

    def fetch_balance(self) -> Balance:
        with converted_errors():
            response = self._client.api.v2010.accounts(self._account_sid).balance.fetch()
            return Balance(Decimal(str(response.balance)), str(response.currency or ""))

    def may_call(self, region: str) -> bool:
        with converted_errors():
            countries = self._client.voice.v1.dialing_permissions.countries
            allowed = countries(region).fetch().low_risk_numbers_enabled
            if allowed is None:
                raise OutcomeUnknown(Problem.UNSURE)
            return bool(allowed)

    def clock(self) -> datetime | None:
        return time_of(self._http.date_header or "")

    def fetch_number(self, number: str) -> CarrierNumber | None:
        with converted_errors():
            numbers = self._client.incoming_phone_numbers.list(phone_number=number, limit=5)
        resource = next((item for item in numbers if item.phone_number == number), None)
        if resource is None:
            return None
        capabilities = cast("dict[str, bool]", resource.capabilities or {})
        return CarrierNumber(
            id=str(resource.sid),
            voice=bool(capabilities.get("voice")),
            sms=bool(capabilities.get("sms")),
            routes=_routes_of(resource),
        )

    def set_routes(self, number_id: str, routes: NumberRoutes) -> None:
        with converted_errors():
            self._client.incoming_phone_numbers(number_id).update(
                voice_url=routes.call.url,
                voice_method=routes.call.method,
                voice_fallback_url=routes.call_fallback.url,
                voice_fallback_method=routes.call_fallback.method,
                status_callback=routes.call_status.url,
                status_callback_method=routes.call_status.method,
                sms_url=routes.sms.url,
                sms_method=routes.sms.method,
                sms_fallback_url=routes.sms_fallback.url,
                sms_fallback_method=routes.sms_fallback.method,
                voice_application_sid="",
                sms_application_sid="",
                trunk_sid="",
            )

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
        with converted_errors():
            try:
                self._client.recordings(recording_id).delete()
            except TwilioException as error:
                if status_and_code(error)[0] != NOT_FOUND:
                    raise


def _retired_url(api_address: str) -> str:
    """The form without an edge (api.ie1.twilio.com) was retired on 28 April 2026:
    https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region
    """
    host = urlsplit(api_address).hostname or ""
    return api_address if host.endswith(".twilio.com") and len(host.split(".")) == 4 else ""


def _routes_of(number: IncomingPhoneNumberInstance) -> NumberRoutes:
    """An application or a trunk, where set, replaces the addresses
    (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource).
    """

    def route(url: str | None, method: str | None) -> Route:
        return Route(str(url or ""), str(method or "").upper())

    return NumberRoutes(
        call=route(number.voice_url, number.voice_method),
        call_fallback=route(number.voice_fallback_url, number.voice_fallback_method),
        call_status=route(number.status_callback, number.status_callback_method),
        sms=route(number.sms_url, number.sms_method),
        sms_fallback=route(number.sms_fallback_url, number.sms_fallback_method),
        calls_go_to=str(number.trunk_sid or number.voice_application_sid or ""),
        sms_goes_to=str(number.sms_application_sid or ""),
        is_demo=urlsplit(number.voice_url or "").hostname == _DEMO_HOST,
    )


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
