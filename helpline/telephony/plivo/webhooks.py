"""Plivo's webhooks: verify and read them, and render the answers.

- Voice is signed as a whole (V3): address, query, posted parameters and a nonce
  (https://www.plivo.com/docs/voice/concepts/signature-validation).
- Of messages only the address is signed (V2), not the body
  (https://www.plivo.com/docs/messaging/concepts/signature-validation). So it is taken on addresses
  of messages only, and a status is believed only for the message of the reference in the path.

Parameters: https://www.plivo.com/docs/voice/xml/request, https://www.plivo.com/docs/voice/xml/dial
and https://www.plivo.com/docs/messaging/xml/request/messages
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from plivo.exceptions import PlivoRestError
from plivo.utils import validate_signature
from plivo.utils.signature_v3 import construct_post_url, get_signature_v3, validate_v3_signature

from helpline.domain.call_progress import FINAL, CarrierStatus, Leg
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
from helpline.telephony.plivo import rendering
from helpline.telephony.plivo.codes import CODES, problem_of, sms_problem_of
from helpline.telephony.plivo.statuses import (
    REQUEST,
    caller_of,
    end_of,
    sms_status_of,
    status_of,
)
from helpline.telephony.port import SMS_WEBHOOKS_PATH, Form

_V3, _V3_MAIN, _V3_NONCE = (f"X-Plivo-Signature-{end}" for end in ("V3", "Ma-V3", "V3-Nonce"))
_V2, _V2_MAIN, _V2_NONCE = (f"X-Plivo-Signature-{end}" for end in ("V2", "Ma-V2", "V2-Nonce"))
_ID_LENGTH = 64 - len(REQUEST)
_MAX_DIGITS = 40
_MAX_INT = 2**31 - 1
_UNNUMBERED = -1
_SHORTEST_SECONDS = 1


class PlivoWebhooks:
    """The webhooks of ``port.Webhooks``, by Plivo.

    Args:
        secrets: the account's auth tokens; either may sign.
        default_region: the region of a number without a country code.
    """

    content_type = "application/xml"

    def __init__(self, secrets: Sequence[str], default_region: str) -> None:
        self._secrets = [secret for secret in secrets if secret]
        self._default_region = default_region

    def is_genuine(self, url: str, form: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
        if _V3_NONCE in headers:
            given = _signatures(headers, _V3, _V3_MAIN)
            nonce, params = headers[_V3_NONCE], _params_of(form)
            return any(_is_signed_v3(url, params, nonce, secret, given) for secret in self._secrets)
        if _V2_NONCE not in headers or not urlsplit(url).path.startswith(SMS_WEBHOOKS_PATH):
            return False
        given = _signatures(headers, _V2, _V2_MAIN)
        return any(
            validate_signature(url, headers[_V2_NONCE], signature, secret)
            for secret in self._secrets
            for signature in given.split(",")
        )

    def sign(self, url: str, form: Form) -> list[dict[str, str]]:
        nonce = random.token_hex(16)
        signed = construct_post_url(url, dict(form)).decode()
        return [
            {_V3: get_signature_v3(secret.encode(), signed, nonce).decode(), _V3_NONCE: nonce}
            for secret in self._secrets
        ]

    def render(self, flow: Flow) -> str:
        return rendering.render_flow(flow)

    def render_sms_reply(self, body: str | None, sms: InboundSms | None = None) -> str:
        return rendering.render_sms_reply(body, sms)

    def phone_answered(self, form: Form) -> PhoneAnswered:
        call_id, parent_id = _legs(form)
        return PhoneAnswered(call_id, parent_id, request_id=_request_id(form))

    def key_pressed(self, form: Form) -> KeyPressed:
        call_id, parent_id = _legs(form)
        digits = form.get("Digits", "")[:_MAX_DIGITS]
        return KeyPressed(call_id, parent_id, digits, request_id=_request_id(form))

    def call_status(self, form: Form, leg: Leg) -> CallStatus | None:
        """Read an event of a dialled leg (``callbackUrl``), or of the call itself (``ring_url``,
        ``hangup_url``).

        "answer" means that the dialled phone was picked up, "connected" that its key was pressed
        where one is asked for.
        """
        call_id, parent_id = _legs(form)
        action = form.get("DialAction", "")
        cause = _int(form, "DialBLegHangupCauseCode" if action else "HangupCauseCode")
        status: CarrierStatus | None
        if action in ("answer", "connected"):
            status = CarrierStatus.IN_PROGRESS
        elif action:
            status = end_of(cause, "completed") if action == "hangup" else None
        else:
            status = status_of(form.get("CallStatus", ""))
            status = end_of(cause, form["CallStatus"]) if status in FINAL else status
        if status is None:
            return None
        code = cause if cause in CODES and status in FINAL else None
        return CallStatus(
            call_id,
            status,
            _UNNUMBERED,
            code,
            None if code is None else problem_of(code, leg),
            None,
            request_id=_request_id(form),
            parent_id=parent_id,
            connected=action == "connected",
        )

    def dial_ended(self, form: Form) -> DialEnded | None:
        """Whether the two were connected, and the hang-up cause, come as statuses of the leg."""
        outcome = status_of(form.get("DialStatus", ""))
        if outcome is None:
            return None
        if outcome == CarrierStatus.NO_ANSWER and _is_over(form):
            outcome = CarrierStatus.CANCELED
        return DialEnded(
            _id(form, "CallUUID"),
            outcome,
            None,
            None,
            None,
            request_id=_request_id(form),
            rang=form.get("DialRingStatus", "").lower() == "true",
            hung_up=_is_over(form),
        )

    def inbound_call(self, form: Form) -> InboundCall:
        caller = caller_of(form.get("From", ""), self._default_region)
        return InboundCall(_id(form, "CallUUID"), caller)

    def caller_input(self, form: Form) -> CallerInput:
        seconds = _int(form, "RecordingDuration")
        return CallerInput(
            digits=form.get("Digits", "")[:_MAX_DIGITS],
            recording=_id(form, "RecordingID"),
            seconds=_SHORTEST_SECONDS if seconds is None or seconds < 0 else seconds,
            hung_up=_is_over(form),
            call_id=_id(form, "CallUUID"),
        )

    def recording_ready(self, form: Form) -> CallerInput | None:
        """The first report of a recording has a length of -1: it is not ready."""
        recorded = self.caller_input(form)
        is_ready = (_int(form, "RecordingDuration") or 0) >= 0
        return recorded if recorded.recording and is_ready else None

    def inbound_sms(self, form: Form) -> InboundSms:
        """Plivo answers STOP and the like itself on numbers of the US and Canada only
        (https://www.plivo.com/docs/messaging/concepts/dnd-service).
        """
        intent = form.get("MessageIntent", "").lower()
        sent_to = caller_of(form.get("To", ""), self._default_region) or ""
        return InboundSms(
            _id(form, "MessageUUID"),
            caller_of(form.get("From", ""), self._default_region),
            form.get("Text", ""),
            stops=intent == "optout",
            starts=intent == "optin",
            carrier_answers=intent != "" and sent_to.startswith("+1"),
            sent_to=sent_to,
        )

    def sms_report(self, form: Form) -> SmsReport | None:
        status = sms_status_of(form.get("Status", ""))
        sms_id = _id(form, "MessageUUID")
        if status is None or not sms_id:
            return None
        code = self.error_code(form)
        return SmsReport(sms_id, status, code, None if code is None else sms_problem_of(code))

    def error_code(self, form: Form) -> int | None:
        """Return that of a message ("000" for none), or a hang-up cause."""
        return _int(form, "ErrorCode") or _int(form, "HangupCauseCode") or None


def _signatures(headers: Mapping[str, str], *names: str) -> str:
    """The signatures of all headers, separated by commas alone as the check of the package wants
    them.
    """
    given = ",".join(headers.get(name, "") for name in names)
    return ",".join(each.strip() for each in given.split(",") if each.strip())


def _params_of(form: Mapping[str, Any]) -> dict[str, Any]:
    if not hasattr(form, "getlist"):
        return dict(form)
    return {name: form.getlist(name) for name in form}


def _is_signed_v3(
    url: str, params: dict[str, Any], nonce: str, secret: str, signatures: str
) -> bool:
    """Check a signature by Plivo's package.

    For an address without a query it joins address and parameters by "?", where the documentation
    has "."; either is taken. It raises for a query of letters that are not ASCII.
    """
    try:
        if validate_v3_signature("POST", url, nonce, secret, signatures, params):
            return True
        if urlsplit(url).query or not params:
            return False
        documented = construct_post_url(url, params).decode().replace("?", ".", 1)
        signature = get_signature_v3(secret.encode(), documented, nonce).decode()
    except (PlivoRestError, UnicodeError):
        return False
    return any(random.compare_digest(signature, each) for each in signatures.split(","))


def _legs(form: Form) -> tuple[str, str]:
    """The ids of the leg that a webhook is about, and of the call that dialled it, if one did."""
    call_id = _id(form, "CallUUID")
    parent_id = _id(form, "DialALegUUID") or _id(form, "ALegUUID")
    leg_id = _id(form, "DialBLegUUID")
    if leg_id:
        return leg_id, parent_id or call_id
    return call_id, "" if parent_id == call_id else parent_id


def _request_id(form: Form) -> str:
    request = _id(form, "RequestUUID") or _id(form, "ALegRequestUUID")
    return REQUEST + request if request else ""


def _id(form: Form, name: str) -> str:
    return form.get(name, "")[:_ID_LENGTH]


def _is_over(form: Form) -> bool:
    return status_of(form.get("CallStatus", "")) in FINAL


def _int(form: Form, name: str) -> int | None:
    """An integer that the database can hold."""
    text = form.get(name, "")
    try:
        number = int(text) if len(text) <= len(str(-_MAX_INT)) else None
    except ValueError:
        return None
    return number if number is not None and abs(number) <= _MAX_INT else None
