"""The requests of ``port.Carrier``, to Plivo.

https://www.plivo.com/docs/voice/api/calls and its neighbours. Creating a call answers with the id
of the request; the call's own id comes by webhook. Neither has an idempotency key. See
docs/decisions/0005-look-up-never-dial-again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpline.domain.call_progress import CarrierStatus
from helpline.telephony.plivo import recordings
from helpline.telephony.plivo.codes import sms_problem_of, sms_problem_of_text
from helpline.telephony.plivo.http import Json, NotFound, PlivoAccount, PlivoApi, safe_id
from helpline.telephony.plivo.rendering import LOCALES, digits_of, retried
from helpline.telephony.plivo.statuses import (
    REQUEST,
    end_of,
    sms_status_of,
    status_of,
    time_filter,
    time_of,
)
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
    Route,
    SmsRegistration,
)
from helpline.telephony.problems import Problem, SmsProblem

LIMITS = CarrierLimits(
    detects_machines=False,  # <Dial> has no such attribute: https://www.plivo.com/docs/voice/xml/dial
    locales=LOCALES,
    # Both phones must be in India: https://www.plivo.com/docs/voice/concepts/india-calling
    domestic_only=frozenset({"IN"}),
)
_TRIAL = "developer"
_ACCEPTED = "accepted"
_COMPLETED = "completed"


class PlivoCarrier:
    """The requests of ``port.Carrier``, to Plivo."""

    retired_url = ""
    limits = LIMITS

    def __init__(self, account: PlivoAccount) -> None:
        self._api = PlivoApi(account)
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
        body: dict[str, str | int] = {
            "from": _digits_of(self.caller_id),
            "to": _digits_of(number),
            "answer_url": retried(answer_url),
            "answer_method": "POST",
            "ring_url": retried(status_url),
            "ring_method": "POST",
            "hangup_url": retried(status_url),
            "hangup_method": "POST",
            "ring_timeout": ring_seconds,
            "time_limit": max_seconds,
        }
        answer = self._api.post("Call/", body, forbidden=Problem.REGION)
        request_id = answer.get("request_uuid")
        if not isinstance(request_id, str) or not request_id:
            raise OutcomeUnknown(Problem.UNSURE)
        return REQUEST + request_id

    def fetch_call(self, call_id: str) -> CarrierCall:
        """Look in all places where a call can be: queued, live, and ended."""
        if call_id.startswith(REQUEST):
            return self._fetch_request(call_id)
        call_id = safe_id(call_id)
        for place in ("live", "queued"):
            try:
                return _unended(call_id, self._api.get(f"Call/{call_id}/", status=place))
            except NotFound:
                continue
        try:
            return self._ended(self._api.get(f"Call/{call_id}/"))
        except NotFound:
            return CarrierCall(call_id, CarrierStatus.COMPLETED, None)

    def _fetch_request(self, request_id: str) -> CarrierCall:
        """Find the call of a request; one that is neither queued nor live has ended.

        The list of ended calls does not name their requests.
        """
        request = safe_id(request_id.removeprefix(REQUEST))
        all_name_requests = True
        for place in ("queued", "live"):
            for call_id in self._api.call_ids(place):
                try:
                    call = self._api.get(f"Call/{safe_id(call_id)}/", status=place)
                except NotFound:
                    continue
                if request in (call_id, call.get("request_uuid")):
                    return _unended(call_id, call)
                all_name_requests &= "request_uuid" in call
        ended = CarrierStatus.COMPLETED if all_name_requests else None
        return CarrierCall(request_id, ended, None)

    def fetch_legs(self, call_id: str) -> list[CarrierCall]:
        """Fetch those that have ended: while a leg lives, only webhooks tell of it."""
        if call_id.startswith(REQUEST):
            return []
        legs = self._api.objects("Call/", parent_call_uuid=safe_id(call_id))
        return [self._ended(leg) for leg in legs]

    def find_calls(self, number: str, *, since: datetime) -> list[CarrierCall]:
        """Find queued, live and ended calls: each state has its own list."""
        digits = _digits_of(number)
        found = [*self._find_unended("queued", digits), *self._find_unended("live", digits)]
        ended = self._api.objects(
            "Call/", call_direction="outbound", to_number=digits, end_time__gte=time_filter(since)
        )
        found += [self._ended(call) for call in ended if not call.get("parent_call_uuid")]
        calls = {
            call.id: call for call in found if call.created_at is None or call.created_at >= since
        }
        latest = datetime.max.replace(tzinfo=UTC)
        return sorted(calls.values(), key=lambda call: call.created_at or latest, reverse=True)

    def _find_unended(self, place: str, digits: str) -> Iterator[CarrierCall]:
        for call_id in self._api.call_ids(place):
            try:
                call = self._api.get(f"Call/{safe_id(call_id)}/", status=place)
            except NotFound:  # it has just left this place
                continue
            is_leg = call.get("parent_call_uuid") or call.get("direction") == "inbound"
            if str(call.get("to", "")).lstrip("+") == digits and not is_leg:
                yield _unended(call_id, call)

    def redirect(self, call_id: str, url: str) -> None:
        """https://www.plivo.com/docs/voice/api/call/transfer-a-call: up to 70 times for a call."""
        self._api.post(
            f"Call/{safe_id(call_id)}/",
            {"legs": "aleg", "aleg_url": retried(url), "aleg_method": "POST"},
        )

    def redirect_both(self, call_id: str, leg_id: str, *, url: str, leg_url: str) -> None:
        """Transfer both legs of a <Dial> at once. Whether the <Dial> then reports its end, or that
        of its leg, is not documented.
        """
        self._api.post(
            f"Call/{safe_id(call_id)}/",
            {
                "legs": "both",
                "aleg_url": retried(url),
                "aleg_method": "POST",
                "bleg_url": retried(leg_url),
                "bleg_method": "POST",
            },
        )

    def hang_up(self, call_id: str) -> None:
        if not call_id.startswith(REQUEST):
            self._api.delete(f"Call/{safe_id(call_id)}/")
            return
        request = safe_id(call_id.removeprefix(REQUEST))
        try:
            self._api.delete(f"Request/{request}/")
        except NotFound:  # It has begun: ending a call takes the request's id too.
            self._api.delete(f"Call/{request}/")

    def cancel(self, call_id: str) -> None:
        """Plivo knows no request that spares an answered call, so it is looked up before."""
        call = self.fetch_call(call_id)
        if call.status != CarrierStatus.IN_PROGRESS:
            self.hang_up(call_id)

    def send_sms(
        self,
        number: str,
        body: str,
        *,
        status_url: str,
        registration: SmsRegistration | None = None,
    ) -> str:
        answer = self._api.post(
            "Message/",
            {
                "src": registration.sender if registration else _digits_of(self.caller_id),
                "dst": _digits_of(number),
                "text": body,
                "url": status_url,
                "method": "POST",
                "log": "false",  # neither text nor number in Plivo's logs
                **(_dlt_fields(registration) if registration else {}),
            },
            problem_of_error=sms_problem_of_text,
            forbidden=SmsProblem.REGION,
        )
        ids = answer.get("message_uuid")
        if not isinstance(ids, list) or not ids or not ids[0]:
            raise OutcomeUnknown(Problem.UNSURE)
        return str(ids[0])

    def fetch_sms(self, sms_id: str) -> CarrierSms:
        return self._sms(self._api.get(f"Message/{safe_id(sms_id)}/"))

    def find_sms(self, number: str, *, since: datetime) -> list[CarrierSms]:
        texts = self._api.objects(
            "Message/",
            message_direction="outbound",
            to_number=_digits_of(number),
            message_time__gte=time_filter(since),
        )
        return [self._sms(text) for text in texts]

    def fetch_recording(self, recording_id: str) -> bytes:
        return recordings.fetch(self._api, recording_id)

    def delete_recording(self, recording_id: str) -> None:
        try:
            self._api.delete(f"Recording/{safe_id(recording_id)}/")
        except NotFound:
            return

    def fetch_account(self) -> AccountStatus:
        """Plivo has no word for an active account: one that answers is."""
        kind = self._api.get("").get("account_type")
        if not kind:
            raise OutcomeUnknown(Problem.UNSURE)
        return AccountStatus(is_active=True, is_trial=kind == _TRIAL, status=str(kind))

    def fetch_balance(self) -> Balance:
        try:
            return Balance(Decimal(str(self._api.get("").get("cash_credits"))), "USD")
        except InvalidOperation as error:
            raise OutcomeUnknown(Problem.UNSURE) from error

    def may_call(self, region: str) -> None:
        """Geo permissions are in the console only, without an API."""

    def fetch_number(self, number: str) -> CarrierNumber | None:
        try:
            rented = self._api.get(f"Number/{_digits_of(number)}/")
        except NotFound:
            return None
        return CarrierNumber(
            id=_digits_of(number),
            voice=bool(rented.get("voice_enabled")),
            sms=bool(rented.get("sms_enabled")),
            routes=self._routes_of(_app_id(rented)),
            # Answered, but not documented; the identity is checked for Indian numbers (KYC):
            # https://www.plivo.com/docs/numbers/rent-india-numbers
            is_registered=status == _ACCEPTED
            if (status := rented.get("compliance_status"))
            else None,
        )

    def set_routes(self, number_id: str, routes: NumberRoutes) -> None:
        """Set them in an application of the number's own, so that no other number is changed."""
        name = f"helpline-{safe_id(number_id)}"
        body = {
            "app_name": name,
            "answer_url": routes.call.url,
            "answer_method": routes.call.method,
            "fallback_answer_url": routes.call_fallback.url,
            "fallback_method": routes.call_fallback.method,
            "hangup_url": routes.call_status.url,
            "hangup_method": routes.call_status.method,
            "message_url": routes.sms.url,
            "message_method": routes.sms.method,
            "log_incoming_messages": "false",
        }
        apps = self._api.objects("Application/")
        own = next((app for app in apps if app.get("app_name") == name), None)
        if own is None:
            app_id = str(self._api.post("Application/", body).get("app_id", ""))
        else:
            app_id = str(own.get("app_id", ""))
            self._api.post(f"Application/{safe_id(app_id)}/", body)
        self._api.post(f"Number/{number_id}/", {"app_id": safe_id(app_id)})

    def clock(self) -> datetime | None:
        return self._api.clock()

    def _routes_of(self, app_id: str) -> NumberRoutes:
        if not app_id:
            return NumberRoutes(has_sms_fallback=False)
        app = self._api.get(f"Application/{safe_id(app_id)}/")

        def route(url: str, method: str) -> Route:
            return Route(str(app.get(url) or ""), str(app.get(method) or "POST").upper())

        return NumberRoutes(
            call=route("answer_url", "answer_method"),
            call_fallback=route("fallback_answer_url", "fallback_method"),
            call_status=route("hangup_url", "hangup_method"),
            sms=route("message_url", "message_method"),
            has_sms_fallback=False,
        )

    @cached_property
    def _zone(self) -> tzinfo:
        """The console's time zone, in which times without an offset are written."""
        try:
            return ZoneInfo(str(self._api.get("").get("timezone")))
        except (ValueError, ZoneInfoNotFoundError):
            return UTC

    def _time(self, text: object) -> datetime | None:
        return time_of(text, lambda: self._zone)

    def _ended(self, call: Json) -> CarrierCall:
        if not call.get("call_uuid"):
            raise OutcomeUnknown(Problem.UNSURE)
        status = end_of(_number(call.get("hangup_cause_code")), _COMPLETED)
        return CarrierCall(str(call["call_uuid"]), status, self._time(call.get("initiation_time")))

    def _sms(self, text: Json) -> CarrierSms:
        if not text.get("message_uuid"):
            raise OutcomeUnknown(Problem.UNSURE)
        code = _number(text.get("error_code"))
        return CarrierSms(
            str(text["message_uuid"]),
            None,
            sms_status_of(str(text.get("message_state"))),
            self._time(text.get("message_time")),
            code,
            sms_problem_of(code) if code else None,
        )


def _unended(call_id: str, call: Json) -> CarrierCall:
    """The start of a session is in UTC, other times in the console's zone."""
    status = status_of(str(call.get("call_status", "")))
    return CarrierCall(call_id, status, time_of(call.get("session_start"), lambda: UTC))


def _number(code: object) -> int | None:
    """An error code or cause; "000" stands for none."""
    return int(str(code)) or None if str(code).isdecimal() else None


def _app_id(number: Json) -> str:
    """Its application, written as an address (".../Application/123/")."""
    return str(number.get("application") or "").rstrip("/").rpartition("/")[2]


def _dlt_fields(registration: SmsRegistration) -> dict[str, str]:
    """India's registration of a text (https://www.plivo.com/docs/messaging/api/messages): a
    service message that its reader asked for.
    """
    return {
        "dlt_entity_id": registration.entity_id,
        "dlt_template_id": registration.template_id,
        "dlt_template_category": "service_implicit",
    }


def _digits_of(number: str) -> str:
    try:
        return digits_of(number)
    except ValueError as error:
        raise Rejected(Problem.REFUSED) from error
